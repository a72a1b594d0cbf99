import type { ExportedDevice, RemoteDevice, SnapshotRequest } from '@/embedded/fabric/fabric';
import { FabricError } from '@/embedded/fabric/fabric';
import { NQN_PREFIX } from '@/embedded/fabric/nvmf-uri';
import { NexusState, NvmeAnaState, Nexus as WireNexus } from '@/gen/mayastor/v1/common';
import { NexusChild } from './child';
import { BLOCK_SIZE } from './disk';
import { IoCounters, type IoKind, nowNs } from './io-stats';
import { isLocalUri, NexusChildren } from './nexus-children';
import { precondition } from './rpc-error';

/**
 * A volume's target: sends every write to all children that are in sync or being rebuilt before it acknowledges, reads
 * from one, takes out children that err, and rebuilds those that come back.
 */
export class Nexus extends NexusChildren implements ExportedDevice {
  readonly blockSize = BLOCK_SIZE;
  readonly stats = new IoCounters();
  published: { allowedHosts: string[] } | undefined;
  anaState = NvmeAnaState.NVME_ANA_OPTIMIZED_STATE;
  private phase: 'init' | 'open' | 'shutting-down' | 'shutdown' = 'init';

  get name(): string {
    return this.spec.name;
  }
  /** Made of the name, which is the volume's uuid: stable over republish, while the uuid is not. */
  get nqn(): string {
    return `${NQN_PREFIX}${this.name}`;
  }
  get allowedHosts(): readonly string[] {
    return this.published?.allowedHosts ?? [];
  }
  override get isOpen(): boolean {
    return this.phase === 'open';
  }
  get isListed(): boolean {
    return this.phase !== 'init';
  }

  /** Opens all children, or none: rejects with an RpcError when one cannot be opened. */
  async open(): Promise<void> {
    const opened: Array<[NexusChild, RemoteDevice]> = [];
    try {
      for (const uri of this.spec.children) {
        const child = new NexusChild(uri, isLocalUri(uri), this.changed);
        opened.push([child, await this.openDevice(child)]);
      }
    } catch (error) {
      await Promise.all(opened.map(([, device]) => device.close()));
      throw precondition(`nexus ${this.uuid} is incomplete: ${error instanceof Error ? error.message : error}`);
    }
    for (const [child, device] of opened) {
      this.children.push(child);
      this.enter(child, { kind: 'in-sync', device });
      this.info.set(child.replicaUuid, true);
    }
    await this.info.durable();
    this.phase = 'open';
  }

  // ---- I/O -------------------------------------------------------------------------------------------------------

  async read(offset: number, length: number): Promise<Buffer> {
    const startedAt = nowNs();
    this.checkIo(offset, length);
    const tried = new Set<NexusChild>();
    let last: unknown;
    for (;;) {
      const source = this.source(tried);
      if (!source) throw last ?? new FabricError('io-error', `nexus ${this.uuid} has no healthy child`);
      try {
        const data = await this.io(source.child, () => source.device.read(offset, length));
        this.stats.count('read', length, startedAt);
        return data;
      } catch (error) {
        last = error;
        tried.add(source.child);
        this.childFailed(source.child, source.device, error);
      }
    }
  }

  write(offset: number, data: Buffer): Promise<void> {
    return this.change('write', offset, data.length, (device) => device.write(offset, data));
  }

  unmap(offset: number, length: number): Promise<void> {
    return this.change('unmap', offset, length, (device) => device.unmap(offset, length));
  }

  private async change(
    kind: IoKind,
    offset: number,
    length: number,
    run: (device: RemoteDevice) => Promise<void>,
  ): Promise<void> {
    const startedAt = nowNs();
    this.checkIo(offset, length);
    const release = await this.lock.acquire(offset, length);
    try {
      this.checkIo(offset, length);
      await this.toAllChildren(offset, length, run);
    } finally {
      release();
    }
    this.stats.count(kind, length, startedAt);
  }

  private async toAllChildren(
    offset: number,
    length: number,
    run: (device: RemoteDevice) => Promise<void>,
  ): Promise<void> {
    const targets = this.children.flatMap((child) => {
      const device = child.writable;
      return device ? [{ child, device, wasHealthy: child.isHealthy }] : [];
    });
    if (!targets.some((t) => t.wasHealthy))
      throw new FabricError('io-error', `nexus ${this.uuid} has no healthy child`);
    const results = await Promise.all(
      targets.map(async (target) => {
        try {
          await this.io(target.child, () => run(target.device));
          return { ...target, error: undefined };
        } catch (error) {
          return {
            ...target,
            error: error instanceof FabricError ? error : new FabricError('io-error', String(error)),
          };
        }
      }),
    );
    // A newer target holds a copy: what this one wrote to the others is not the volume's any more, so nobody is told it is.
    const fenced = results.find((r) => r.error?.code === 'reservation-conflict');
    if (fenced?.error) {
      this.childFailed(fenced.child, fenced.device, fenced.error);
      throw fenced.error;
    }
    const isKept = results.some((r) => r.wasHealthy && !r.error);
    // When every copy is full the host gets the error, and one copy stays: there is nothing better to rebuild from.
    const spared = isKept ? undefined : results.find((r) => r.wasHealthy && r.error?.code === 'no-space');
    for (const r of results) if (r.error && r !== spared) this.childFailed(r.child, r.device, r.error);
    for (const child of this.children) child.log?.mark(offset, length);
    if (!isKept) {
      for (const child of this.children) child.job?.recopy(offset, length);
      // A copy whose rebuild ended under this write holds what the others do not: it has to follow them, not lead.
      for (const r of results) if (!r.error && !r.wasHealthy && r.child.isHealthy) this.faultChild(r.child, 'io-error');
      for (const child of this.children) child.log?.mark(offset, length);
      throw results.find((r) => r.wasHealthy && r.error)?.error ?? new FabricError('io-error', 'no copy was written');
    }
    if (!this.info.isDurable) await this.persisted();
  }

  private checkIo(offset: number, length: number): void {
    if (this.phase !== 'open') throw new FabricError('connection-lost', `nexus ${this.uuid} is not open`);
    if (this.anaState === NvmeAnaState.NVME_ANA_INACCESSIBLE_STATE) {
      throw new FabricError('not-allowed', `nexus ${this.uuid} is inaccessible`);
    }
    if (offset % BLOCK_SIZE !== 0 || length % BLOCK_SIZE !== 0 || offset < 0 || offset + length > this.sizeBytes) {
      throw new FabricError('out-of-range', `${length} bytes at ${offset} of nexus ${this.uuid}`);
    }
  }

  // ---- life ------------------------------------------------------------------------------------------------------

  /** Offers the nexus to hosts; again with other hosts changes who may connect. */
  publish(allowedHosts: string[]): void {
    this.mustBeOpen();
    this.published = { allowedHosts };
  }

  unpublish(): void {
    this.published = undefined;
  }

  async resize(sizeBytes: number): Promise<void> {
    this.mustBeOpen();
    if (sizeBytes < this.sizeBytes) throw precondition(`nexus ${this.uuid} cannot shrink`);
    // Replicas were grown just before: a child that does not tell counts with the size it had.
    await Promise.allSettled(this.children.map((c) => c.writable && this.io(c, c.writable.identify.bind(c.writable))));
    const small = this.children.find((c) => (c.writable?.sizeBytes ?? sizeBytes) < sizeBytes);
    if (small) throw precondition(`child ${small.uri} is smaller than ${sizeBytes} bytes`);
    this.sizeBytes = sizeBytes;
  }

  /** Runs while no write is under way and none starts. */
  async quiesced<T>(run: () => Promise<T>): Promise<T> {
    this.mustBeOpen();
    const release = await this.lock.acquire(0, Number.MAX_SAFE_INTEGER);
    try {
      return await run();
    } finally {
      release();
    }
  }

  /** Snapshot of one child's replica; the caller holds the nexus quiesced. */
  async snapshotChild(child: NexusChild, request: SnapshotRequest): Promise<void> {
    const device = child.isHealthy ? child.writable : undefined;
    if (!device) throw new FabricError('not-found', `child ${child.uri} is not online`);
    await this.io(child, () => device.snapshot(request));
  }

  /** Ends I/O in good order: what is under way ends, children are closed, NexusInfo says clean. */
  async shutdown(): Promise<void> {
    if (this.phase === 'shutdown') return;
    this.phase = 'shutting-down';
    this.published = undefined;
    for (const child of this.children) child.job?.stop();
    const release = await this.lock.acquire(0, Number.MAX_SAFE_INTEGER);
    try {
      this.info.setClean();
      await this.info.durable();
    } finally {
      await this.closeChildren();
      this.phase = 'shutdown';
      release();
    }
  }

  /** As kill -9: nothing is written any more, nobody is told. */
  kill(): void {
    this.info.kill();
    this.phase = 'shutdown';
    this.published = undefined;
    for (const child of this.children) child.job?.stop();
    this.changed();
    void this.closeChildren();
  }

  /** The nexus cannot go on: another target holds the replicas, or the store is away. Not a clean shutdown. */
  protected override async giveUp(): Promise<void> {
    if (this.phase === 'shutdown') return;
    this.kill();
  }

  get isRebuilding(): boolean {
    return this.children.some((child) => child.job?.isActive);
  }

  state(): NexusState {
    if (this.phase === 'init') return NexusState.NEXUS_DEGRADED;
    if (this.phase === 'shutting-down') return NexusState.NEXUS_SHUTTING_DOWN;
    if (this.phase === 'shutdown') return NexusState.NEXUS_SHUTDOWN;
    const healthy = this.children.filter((c) => c.isHealthy).length;
    if (healthy === 0) return NexusState.NEXUS_FAULTED;
    return healthy === this.children.length ? NexusState.NEXUS_ONLINE : NexusState.NEXUS_DEGRADED;
  }

  toWire(): WireNexus {
    return WireNexus.fromPartial({
      name: this.name,
      uuid: this.uuid,
      size: BigInt(this.sizeBytes),
      state: this.state(),
      children: this.children.map((c) => c.toWire()),
      deviceUri: this.published ? `nvmf://${this.host.fabricAddress()}/${this.nqn}` : '',
      rebuilds: this.children.filter((c) => c.job?.isActive).length,
      anaState: this.published ? this.anaState : NvmeAnaState.NVME_ANA_INVALID_STATE,
      allowedHosts: [...this.allowedHosts],
    });
  }
}
