import type { WorkloadSpec } from '@/embedded/workload/workload';
import { Random } from './random';

const GiB = 1024 ** 3;
const MiB = 1024 ** 2;

/** A volume of the fleet, and what is done with it. */
export interface PlannedVolume {
  uuid: string;
  name: string;
  namespace: string;
  sizeBytes: number;
  replicas: number;
  thin: boolean;
  published: boolean;
  workload: Omit<WorkloadSpec, 'depth' | 'seed'> | undefined;
  snapshots: string[];
  /** Pools may take a copy only when they carry this label. */
  poolLabel: { key: string; value: string } | undefined;
  /** Node of the target; undefined: agent-core chooses. */
  target: string | undefined;
  story: Story;
}

/**
 * What has gone wrong when the demo begins, or goes wrong later. All of it is done to the volume through agent-core, the
 * io-engines and the fabric; nothing is only said.
 */
export type Story =
  | { kind: 'none' }
  /** A copy's blocks turn bad, and the label that the volume asks of pools was taken from its pool: no place for another. */
  | { kind: 'stranded'; fillBytes: number }
  /** A copy's blocks turn bad: it is given up and made anew, all of it copied. */
  | { kind: 'replaced'; fillBytes: number }
  /** Somebody asks for one copy more. */
  | { kind: 'raised'; fillBytes: number }
  /** Now and then a copy is taken offline, misses writes to this much, and comes back. */
  | { kind: 'serviced'; dirtyBytes: number };

/** On the first disk of every node; the stranded volume asks for it. */
export const TIER = { key: 'tier', value: 'gold' } as const;

/** A volume that is filled behind its workload, so that what a rebuild has left to do is what it has left to copy. */
const SIZES = { stranded: 512 * MiB, replaced: 1280 * MiB, raised: 640 * MiB, serviced: 512 * MiB } as const;
const WORKING_SET = 6 * MiB;

/** By position in the fleet. At 2 MiB/s the two rebuilds take about 11 and 5 minutes. */
const STORIES: ReadonlyMap<number, Story> = new Map<number, Story>([
  [3, { kind: 'stranded', fillBytes: SIZES.stranded - WORKING_SET }],
  [5, { kind: 'replaced', fillBytes: SIZES.replaced - WORKING_SET }],
  [7, { kind: 'raised', fillBytes: SIZES.raised - WORKING_SET }],
  [10, { kind: 'serviced', dirtyBytes: SIZES.serviced - WORKING_SET }],
]);
const NONE: Story = { kind: 'none' };

/** Copies that a story's volume is made with. */
const REPLICAS = { stranded: 3, replaced: 3, raised: 2, serviced: 2 } as const;
/** Different nodes, because the limit of rebuilds is that of the target's node. */
const TARGETS = { stranded: 'io-3', replaced: 'io-1', raised: 'io-2', serviced: 'io-2' } as const;

const APPS = [
  'shop-db',
  'orders-db',
  'cache',
  'search',
  'metrics',
  'logs',
  'mail',
  'wiki',
  'registry',
  'queue',
] as const;
const NAMESPACES = ['shop', 'platform', 'monitoring', 'team-a'] as const;

export interface FleetWish {
  seed: number;
  volumes: number;
  nodes: number;
  /** Faults and rebuilds at the beginning; a fleet below 8 volumes or 3 nodes has no room for them. */
  stories: boolean;
}

/** The fleet of a seed: pure, so that the same seed gives the same fleet. Real bytes stay small: working sets, not sizes. */
export function planFleet(wish: FleetWish): PlannedVolume[] {
  const random = new Random(wish.seed);
  const hasRoom = wish.volumes >= 8 && wish.nodes >= 3;
  return Array.from({ length: wish.volumes }, (_, i) =>
    plan(random, i, wish.nodes, wish.stories && hasRoom ? (STORIES.get(i) ?? NONE) : NONE),
  );
}

function plan(random: Random, i: number, nodes: number, story: Story): PlannedVolume {
  const app = APPS[i % APPS.length] ?? 'app';
  // Drawn for every volume alike: a story changes its own volume and no other.
  const replicas = Math.min(nodes, random.pick([1, 2, 2, 3, 3]));
  const published = random.next() < 0.75;
  // A handful of thick ones, small: thick reserves its size, though the file stays sparse.
  const thin = i % 9 !== 4;
  const uuid = random.uuid();
  const sizeBytes = thin ? random.pick([1, 2, 2, 4, 8]) * GiB : 512 * MiB;
  const load = {
    pattern: random.pick<WorkloadSpec['pattern']>(['randrw', 'randrw', 'randwrite', 'randread', 'seqwrite']),
    blockSize: random.pick([4096, 4096, 8192, 16384]),
    iops: random.pick([5, 10, 20, 40]),
    workingSetBytes: WORKING_SET,
  };
  const isTold = story.kind !== 'none';
  return {
    uuid,
    name: `${app}-${Math.floor(i / APPS.length)}`,
    namespace: NAMESPACES[i % NAMESPACES.length] ?? 'default',
    sizeBytes: isTold ? SIZES[story.kind] : sizeBytes,
    replicas: isTold ? REPLICAS[story.kind] : replicas,
    thin,
    published: published || isTold,
    workload: (published || isTold) && i < 60 ? load : undefined,
    snapshots: i === 1 || i === 12 ? [random.uuid()] : [],
    poolLabel: story.kind === 'stranded' ? TIER : undefined,
    target: isTold ? TARGETS[story.kind] : undefined,
    story,
  };
}
