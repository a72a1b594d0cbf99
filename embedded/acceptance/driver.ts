import { type ChannelCredentials, credentials, status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { call, TestCluster, until } from '@/embedded/agent-core/testing/test-cluster';
import type { RemoteDevice } from '@/embedded/fabric/fabric';
import { openTarget } from '@/embedded/fabric/open-target';
import { NexusRpcClient, type RebuildStatsResponse } from '@/gen/mayastor/v1/nexus';
import { type ListPoolsResponse, PoolRpcClient } from '@/gen/mayastor/v1/pool';
import { type Child, ChildState, NexusStatus } from '@/gen/v1/nexus/nexus';
import { type Node, NodeStatus } from '@/gen/v1/node/target_node';
import { PoolStatus } from '@/gen/v1/pool/pool';
import type { CreateVolumeRequest, Volume } from '@/gen/v1/volume/volume';
import { MIB, Requests } from './requests';

export { until } from '@/embedded/agent-core/testing/test-cluster';
export * from './requests';

type Settings = Parameters<typeof TestCluster.start>[0];

/**
 * Mayastor's clocks divided by 50, and what only repeats or only delays an end is quicker still. A node is given more
 * time to be heard: a busy machine must not lose one that lives.
 */
const QUICK = {
  nodeDeadlineMs: 400,
  livenessProbeMs: 500,
  cachePeriodMs: 200,
  reconcileMs: 100,
  reconcileIdleMs: 100,
  drainShutdownTargetsMs: 200,
};

/** A volume on these nodes only. */
export const onNodes = (...allowedNodes: string[]): Partial<CreateVolumeRequest> => ({
  topology: { node: { topology: { $case: 'explicit', value: { allowedNodes, preferredNodes: [] } } } },
});

/** What Mayastor's scenarios do to a cluster and wait for: requests, I/O of a host, nodes that end and return. */
export class Driver extends Requests {
  static async start(settings: Settings): Promise<Driver> {
    return new Driver(await TestCluster.start({ ...settings, timings: { ...QUICK, ...settings.timings } }));
  }

  kill = (node: string) => this.cluster.engine(node).kill();
  /** As on SIGTERM: targets are shut down, agent-core is told. */
  end = (node: string) => this.cluster.engine(node).stop();
  start = (node: string) => this.cluster.startEngine(node);

  /** The process stands still, for gRPC as for I/O, and goes on. */
  hang(node: string, on: boolean): void {
    this.cluster.engine(node).faults.hang(on);
  }

  /** Asks an io-engine itself, past agent-core and what that read last. */
  async #ask<C extends { close(): void }, T>(
    node: string,
    make: new (address: string, credentials: ChannelCredentials) => C,
    run: (client: C) => Promise<T>,
  ): Promise<T> {
    const client = new make(this.cluster.engine(node).grpcAddress, credentials.createInsecure());
    try {
      return await run(client);
    } finally {
      client.close();
    }
  }

  /** What the target's node says of the rebuild of a child; undefined when none runs. */
  async rebuildStats(id: string, uri: string): Promise<RebuildStatsResponse | undefined> {
    const target = (await this.get(id)).state?.target;
    if (target?.uuid === undefined) return undefined;
    const nexusUuid = target.uuid;
    return this.#ask(target.nodeId, NexusRpcClient, (client) =>
      call<RebuildStatsResponse>((cb) => client.getRebuildStats({ nexusUuid, uri }, cb)).catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === status.NOT_FOUND) return undefined;
        throw error;
      }),
    );
  }

  /** MiB in use on a pool, as its node says at this moment. */
  async usedMib(pool: string, node: string): Promise<number> {
    const { pools } = await this.#ask(node, PoolRpcClient, (client) =>
      call<ListPoolsResponse>((cb) => client.listPools({ name: pool }, cb)),
    );
    return Number(pools[0]?.used ?? -1n) / MIB;
  }

  /** Unloads a pool behind agent-core's back; a cordon keeps it from being imported again. */
  async unload(pool: string, node: string): Promise<void> {
    await call((cb) =>
      this.cluster.pools.cordonPool(
        { nodeId: node, poolId: pool, replicas: false, snapshots: false, restores: false, import: true },
        cb,
      ),
    );
    await this.#ask(node, PoolRpcClient, (client) => call((cb) => client.exportPool({ name: pool }, cb)));
  }

  /** A new process on the same disks, with its pools loaded. */
  async back(node: string): Promise<void> {
    await this.start(node);
    await this.online(node);
    const mine = (await this.pools()).filter((pool) => pool.definition?.spec?.nodeId === node);
    for (const pool of mine) await this.poolOnline(pool.definition?.spec?.poolId ?? '');
  }

  async lose(node: string): Promise<void> {
    await this.kill(node);
    await this.away(node);
  }

  /** Waits until agent-core has gone through so many whole reconcile passes, each from begin to end after this call. */
  async passes(count = 2): Promise<void> {
    const wanted = this.cluster.core.passes + count + 1;
    await until(`${count} reconcile passes`, async () => this.cluster.core.passes >= wanted);
  }

  /** The target of a published volume, opened as its host. */
  open = async (id: string): Promise<RemoteDevice> =>
    openTarget(this.cluster.hosts, (await this.get(id)).state?.target?.deviceUri ?? '');

  /** Writes `bytes` of one value into a published volume as its host, 1 MiB at a time. */
  async write(id: string, bytes: number, { at = 0, byte = 0x5a } = {}): Promise<void> {
    const device = await this.open(id);
    try {
      for (let done = 0; done < bytes; done += MIB) {
        await device.write(at + done, Buffer.alloc(Math.min(MIB, bytes - done), byte));
      }
    } finally {
      await device.close();
    }
  }

  async children(id: string): Promise<Child[]> {
    return (await this.get(id)).state?.target?.children ?? [];
  }

  nodeIs = (node: string, status: NodeStatus): Promise<Node> =>
    until(`${node} is ${NodeStatus[status]}`, async () => {
      const found = await this.cluster.node(node);
      return found?.state?.status === status && found;
    });

  /** Resolves when agent-core has noticed that the node is away. */
  away = (node: string) => until(`${node} is away`, () => this.cluster.isAway(node));
  online = (node: string) => this.nodeIs(node, NodeStatus.Online);

  poolOnline = (id: string) =>
    until(`pool ${id} online`, async () => (await this.pool(id))?.state?.status === PoolStatus.Online);

  /** A pool's figure follows what is made on it, and every poll of its node. */
  usedIs = (pool: string, bytes: number) =>
    until(`${bytes} bytes of ${pool} used`, async () => (await this.pool(pool))?.state?.used === BigInt(bytes));

  volumeIs = (id: string, status: NexusStatus): Promise<Volume> =>
    until(`volume ${NexusStatus[status]}`, async () => {
      const volume = await this.get(id);
      return volume.state?.status === status && volume;
    });

  /** Online, with so many children in its target. */
  whole = (id: string, children: number): Promise<Volume> =>
    until(`online with ${children} children`, async () => {
      const volume = await this.get(id);
      const target = volume.state?.target;
      return volume.state?.status === NexusStatus.Online && target?.children.length === children && volume;
    });

  /** A child of the target is faulted, or was given up already. */
  childLost = (id: string, of: number): Promise<true> =>
    until('a child is faulted or gone', async () => {
      const children = await this.children(id);
      return children.length < of || children.some((child) => child.state === ChildState.ChildFaulted);
    });
}

/** Starts clusters, each of which ends with the test that started it. */
export function clusterPerTest(): (settings: Settings) => Promise<Driver> {
  let running: Driver | undefined;
  afterEach(async () => {
    await running?.cluster.stop();
    running = undefined;
  });
  return async (settings) => {
    running = await Driver.start(settings);
    return running;
  };
}

/** One cluster for all tests of the block that this is called in; they leave it as they found it. */
export function sharedCluster(settings: Settings, prepare?: (d: Driver) => Promise<void>): () => Driver {
  let driver: Driver | undefined;
  beforeAll(async () => {
    driver = await Driver.start(settings);
    await prepare?.(driver);
  });
  afterAll(() => driver?.cluster.stop());
  return () => {
    if (driver === undefined) throw new Error('the cluster is not started yet');
    return driver;
  };
}
