import type { ByteRange, ExportedDevice, RemoteDevice, SnapshotRequest } from './fabric';
import { FabricError } from './fabric';
import { nextTurn } from './next-turn';

/** The far side, as a connection needs it. */
export interface ConnectionHost {
  readonly connections: Set<LoopbackConnection>;
  readonly reservations: Map<string, bigint>;
  readonly lookup: (nqn: string) => ExportedDevice | undefined;
  /** Resolves when it answers that host: at once, or when the node stops hanging and a cut between the two is mended. */
  answers(hostNqn: string): Promise<void>;
  isSilent(hostNqn: string): boolean;
}

/** A host's connection to a device of another node. It ends by close() here, or by the loss of the far side. */
export class LoopbackConnection implements RemoteDevice {
  readonly blockSize: number;
  private readonly ended = new AbortController();
  private readonly inFlight = new Set<(error: FabricError) => void>();
  private readonly lostListeners: Array<(error: FabricError) => void> = [];
  private lostBy: FabricError | undefined;
  private lastSize: number;

  constructor(
    private readonly listener: ConnectionHost,
    private readonly nqn: string,
    private readonly hostNqn: string,
    private readonly reservationKey: bigint | undefined,
  ) {
    const device = listener.lookup(nqn);
    this.blockSize = device?.blockSize ?? 512;
    this.lastSize = device?.sizeBytes ?? 0;
    listener.connections.add(this);
  }

  /** Follows a resize of the far side; keeps the last size known when it is gone. */
  get sizeBytes(): number {
    this.lastSize = this.listener.lookup(this.nqn)?.sizeBytes ?? this.lastSize;
    return this.lastSize;
  }

  read(offset: number, length: number): Promise<Buffer> {
    return this.command((device, signal) => device.read(offset, length, signal));
  }

  write(offset: number, data: Buffer): Promise<void> {
    return this.command((device, signal) => device.write(offset, data, signal));
  }

  unmap(offset: number, length: number): Promise<void> {
    return this.command((device, signal) => device.unmap(offset, length, signal));
  }

  allocated(): Promise<ByteRange[]> {
    return this.command(async (device) =>
      device.allocated ? await device.allocated() : [{ offset: 0, length: device.sizeBytes }],
    );
  }

  identify(): Promise<number> {
    return this.command(async (device) => device.sizeBytes);
  }

  snapshot(request: SnapshotRequest): Promise<void> {
    return this.command(async (device) => {
      if (!device.snapshot) throw new FabricError('not-allowed', `${this.nqn} takes no snapshots`);
      await device.snapshot(request);
    });
  }

  onLost(listener: (error: FabricError) => void): void {
    if (this.lostBy) listener(this.lostBy);
    else this.lostListeners.push(listener);
  }

  async close(): Promise<void> {
    this.end(new FabricError('connection-lost', `connection to ${this.nqn} was closed`));
  }

  /** The far side went away. */
  lose(error: FabricError): void {
    if (this.ended.signal.aborted) return;
    this.lostBy = error;
    this.end(error);
    for (const listener of this.lostListeners.splice(0)) listener(error);
  }

  private end(error: FabricError): void {
    this.ended.abort(error);
    this.listener.connections.delete(this);
    for (const reject of [...this.inFlight]) reject(error);
    this.inFlight.clear();
  }

  private command<T>(run: (device: ExportedDevice, signal: AbortSignal) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.ended.signal.aborted) {
        reject(this.lostBy ?? new FabricError('connection-lost', `connection to ${this.nqn} was closed`));
        return;
      }
      this.inFlight.add(reject);
      this.carry(run)
        .then(resolve, reject)
        .finally(() => this.inFlight.delete(reject));
    });
  }

  private async carry<T>(run: (device: ExportedDevice, signal: AbortSignal) => Promise<T>): Promise<T> {
    await nextTurn();
    await this.listener.answers(this.hostNqn);
    if (this.ended.signal.aborted) throw new FabricError('connection-lost', `connection to ${this.nqn} has ended`);
    const device = this.listener.lookup(this.nqn);
    if (!device) {
      const gone = new FabricError('connection-lost', `${this.nqn} is no longer shared`);
      this.lose(gone);
      throw gone;
    }
    const holder = this.listener.reservations.get(this.nqn);
    if (this.reservationKey !== undefined && holder !== undefined && holder !== this.reservationKey) {
      throw new FabricError('reservation-conflict', `${this.nqn} is held by another target`);
    }
    const result = await run(device, this.ended.signal);
    // The answer goes the same way back.
    if (this.listener.isSilent(this.hostNqn)) await this.listener.answers(this.hostNqn);
    return result;
  }
}
