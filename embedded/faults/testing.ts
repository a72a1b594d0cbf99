import { randomUUID } from 'node:crypto';
import { EmbeddedCluster } from '@/embedded/cluster/embedded-cluster';
import { StateRecorder, targetState, volumeState } from '@/embedded/cluster/state-recorder';
import { MiB, until, verify } from '@/embedded/cluster/testing';
import type { Workload } from '@/embedded/workload/workload';
import { FaultBoard } from './fault-board';

/** All three copies in sync, and seen by their io-engines. */
export const WHOLE = /^online: io-\d online, io-\d online, io-\d online$/;

/** A degraded volume whose copy on that node is in that state; a pattern. */
export const copyIs = (node: string, state: string) => new RegExp(`^degraded: .*\\b${node}\\?? ${state}`);

export const moreWrites = ({ workload }: Watched, n = 100) => {
  const before = workload.writes;
  return until(`${n} more writes`, () => workload.writes > before + n);
};

const WORKING_SET = 4 * MiB;

/** A volume whose application writes all the time, and what was seen of it. */
export interface Watched {
  readonly uuid: string;
  readonly workload: Workload;
  /** The volume, as agent-core tells it when it is asked. */
  readonly seen: StateRecorder;
  /** Its target, as the io-engine tells each change. */
  readonly target: StateRecorder;
  /** Node of a copy that the target reaches over the fabric. */
  readonly far: string;
  readonly farReplica: string;
  readonly farPool: string;
}

/** The fabric's port of io-1 is 8421; a copy that is not reached over it is on the target's node. */
const nodeOfUri = (uri: string) => `io-${Number(/^nvmf:\/\/[^/]+:(\d+)\//.exec(uri)?.[1] ?? 8421) - 8420}`;

/** A cluster to break, with four nodes, so that there is a place for one copy more than three. */
export class BrokenCluster {
  private readonly recorders: StateRecorder[] = [];
  private readonly endings: Array<() => void> = [];

  private constructor(
    readonly on: EmbeddedCluster,
    readonly board: FaultBoard,
  ) {}

  static async start(): Promise<BrokenCluster> {
    const on = await EmbeddedCluster.start({
      nodes: 4,
      disksPerNode: 1,
      diskBytes: 512 * MiB,
      timeFactor: 50,
      // Slow enough for a rebuild of what the application dirtied to be seen by agent-core's polls, 600 ms apart.
      rebuildBytesPerSecond: 2 * MiB,
      agentCorePort: 0,
      seed: 1,
    });
    on.workloads.follow();
    return new BrokenCluster(on, new FaultBoard(on));
  }

  /** A volume with three copies, its target on io-1, written to and watched. */
  async volume(): Promise<Watched> {
    const { on } = this;
    const uuid = randomUUID();
    const policy = { selfHeal: true };
    await on.control.createVolume({ uuid, size: BigInt(64 * MiB), replicas: 3n, thin: true, policy });
    const { state } = await on.control.publish(uuid, 'io-1');
    await on.workloads.look();
    const spec = { pattern: 'randrw', blockSize: 4096, iops: 400, depth: 8, workingSetBytes: WORKING_SET } as const;
    const workload = on.workloads.add(uuid, spec);
    await until('first writes', () => workload.writes > 100);
    const copies = Object.entries(state?.replicaTopology ?? {});
    const [farReplica, copy] = copies.find(([, c]) => c.node !== 'io-1') ?? [];
    const seen = this.watch(volumeState(on, uuid));
    await seen.next(/^online: /);
    const target = this.keep(new StateRecorder());
    this.endings.push(
      this.on.node('io-1').engine.faults.watchTargets((nexus) => {
        if (nexus.name === uuid) target.note(targetState(nexus, nodeOfUri));
      }),
    );
    return {
      uuid,
      workload,
      seen,
      target,
      far: copy?.node ?? '',
      farPool: copy?.pool ?? '',
      farReplica: farReplica ?? '',
    };
  }

  /** Resolves with agent-core's word when the target was seen whole and agent-core says so too. */
  async whole(volume: Watched): Promise<string> {
    if (volume.target.states.length > 0) await volume.target.next(/^online: .*online, .*online, .*online$/);
    return this.again(volume).next(WHOLE);
  }

  /** Looks at a volume from now on only. */
  again({ uuid }: Watched): StateRecorder {
    return this.watch(volumeState(this.on, uuid));
  }

  watch(probe: () => Promise<string>): StateRecorder {
    return this.keep(new StateRecorder().follow(probe));
  }

  private keep(recorder: StateRecorder): StateRecorder {
    this.recorders.push(recorder);
    return recorder;
  }

  /** Ends the application and counts what it wrote and cannot be read as it was. */
  async lost({ uuid, workload }: Watched): Promise<number> {
    await workload.stop();
    await until('its target is seen', async () => {
      const { state } = await this.on.control.volume(uuid);
      return state?.target?.deviceUri;
    });
    const { wrong } = await verify(this.on, uuid, workload);
    return wrong + workload.mismatches;
  }

  /** After each test: nothing is broken, and its volume costs nothing any more. */
  async tidy(): Promise<void> {
    for (const end of this.endings.splice(0)) end();
    await Promise.all(this.recorders.splice(0).map((r) => r.stop()));
    await this.board.endAll();
    for (const { id } of this.on.workloads.list()) await this.on.workloads.remove(id);
    await this.on.whenOnline(
      this.on.nodes.map(({ name }) => name),
      45_000,
    );
    for (const v of await this.on.control.listVolumes()) {
      const { uuid = '', target } = v.definition?.spec ?? {};
      if (target) await this.on.control.unpublish(uuid);
    }
  }

  stop(): Promise<void> {
    return this.on.stop();
  }
}
