import { setTimeout as delay } from 'node:timers/promises';
import { openTarget } from '@/embedded/fabric/open-target';
import type { Region } from '@/embedded/workload/regions';
import type { EmbeddedCluster } from './embedded-cluster';
import { type PlannedVolume, TIER } from './fleet';

const KiB = 1024;
const CLUSTER = 4 * 1024 * KiB;
const SEGMENT = 64 * KiB;
const BLOCK = 4 * KiB;

/** Lets what was planned for a volume begin; resolves when it has, not when it is over. Rejects when it cannot. */
export async function begin(cluster: EmbeddedCluster, v: PlannedVolume): Promise<void> {
  const { story } = v;
  if (story.kind === 'none' || story.kind === 'serviced') return;
  await write(cluster, v, cluster.workloads.reserve(v.uuid, story.fillBytes), CLUSTER);
  if (story.kind === 'raised') {
    await cluster.control.setReplicaCount(v.uuid, v.replicas + 1);
    return;
  }
  const copy = await remoteCopy(cluster, v.uuid);
  if (story.kind === 'stranded') await cluster.control.unlabelPool(copy.pool, TIER.key);
  cluster.spoilReplica(copy.replica);
  // The copy is lost at the first write that reaches it, whether the application is a busy one or not.
  await write(cluster, v, { offset: v.sizeBytes - BLOCK, length: BLOCK }, BLOCK);
}

/**
 * Takes a copy offline, lets the application write meanwhile, and brings the copy back, which then is rebuilt by its I/O
 * log. Rejects when the cluster is not in a state for it.
 */
export async function service(
  cluster: EmbeddedCluster,
  v: PlannedVolume,
  region: Region,
  signal: AbortSignal,
): Promise<void> {
  const { replica } = await remoteCopy(cluster, v.uuid);
  await cluster.operateChild(replica, 'offline');
  try {
    await write(cluster, v, region, SEGMENT, { perSecond: 256, signal });
  } finally {
    if (!signal.aborted) await cluster.operateChild(replica, 'online');
  }
}

/** A copy that its target reaches over the fabric. */
async function remoteCopy(cluster: EmbeddedCluster, uuid: string) {
  const { state } = await cluster.control.volume(uuid);
  const { target } = state ?? {};
  const uri = target?.children.find((c) => c.uri.startsWith('nvmf'))?.uri;
  const replica = /[?&]uuid=([0-9a-f-]{36})/.exec(uri ?? '')?.[1];
  const pool = replica && state?.replicaTopology[replica]?.pool;
  if (!replica || !pool) throw new Error(`volume ${uuid} has no copy beside its target`);
  return { replica, pool };
}

/**
 * Writes one block into each `stride` of the region, as an application does that fills a file system here and there.
 * A thin replica allocates whole clusters and a log knows whole segments: so much more has to be copied than was written.
 */
async function write(
  cluster: EmbeddedCluster,
  v: PlannedVolume,
  region: Region,
  stride: number,
  pace?: { perSecond: number; signal: AbortSignal },
): Promise<void> {
  const { state } = await cluster.control.volume(v.uuid);
  const device = await openTarget(cluster.fabricForHosts, state?.target?.deviceUri ?? '');
  const data = Buffer.alloc(BLOCK, v.name);
  try {
    let written = 0;
    for (let at = region.offset; at + BLOCK <= region.offset + region.length; at += stride) {
      await device.write(at, data);
      written += 1;
      if (pace && written % 16 === 0) await delay((16 * 1000) / pace.perSecond, undefined, { signal: pace.signal });
    }
  } finally {
    await device.close();
  }
}

/** Services the volumes that are planned for it, again and again, until it is stopped. */
export class ServiceRounds {
  private readonly ending = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly cluster: EmbeddedCluster,
    private readonly plan: readonly PlannedVolume[],
    private readonly everyMs: number,
  ) {}

  start(): void {
    this.running ??= Promise.all(this.plan.map((v) => this.rounds(v))).then(() => undefined);
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.running;
  }

  private async rounds(v: PlannedVolume): Promise<void> {
    if (v.story.kind !== 'serviced') return;
    const { signal } = this.ending;
    const region = this.cluster.workloads.reserve(v.uuid, v.story.dirtyBytes);
    while (!signal.aborted) {
      await delay(this.everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      // A node may be down or the volume gone, as the user likes it: then this round is left out.
      await service(this.cluster, v, region, signal).catch(() => undefined);
    }
  }
}
