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
  workload:
    | {
        pattern: 'randwrite' | 'randrw' | 'randread' | 'seqwrite';
        blockSize: number;
        iops: number;
        workingSetBytes: number;
      }
    | undefined;
  snapshots: string[];
  /** Bytes written at the start, so that there is something to rebuild. */
  fillBytes: number;
  /** What has gone wrong when the demo begins. */
  story: 'none' | 'degraded' | 'rebuilding';
}

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

/** The fleet of a seed: pure, so that the same seed gives the same fleet. Real bytes stay small: working sets, not sizes. */
export function planFleet(seed: number, count: number, nodes: number): PlannedVolume[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => {
    const app = APPS[i % APPS.length] ?? 'app';
    const story =
      count >= 8 && nodes >= 3 ? (i === 3 ? 'degraded' : i === 5 || i === 7 ? 'rebuilding' : 'none') : 'none';
    const replicas = story !== 'none' ? Math.min(3, nodes) : Math.min(nodes, random.pick([1, 2, 2, 3, 3]));
    // A handful of thick ones, small: thick reserves its size, though the file stays sparse.
    const thin = i % 9 !== 4;
    const published = story !== 'none' || random.next() < 0.75;
    const busy = published && i < 60;
    return {
      uuid: random.uuid(),
      name: `${app}-${Math.floor(i / APPS.length)}`,
      namespace: NAMESPACES[i % NAMESPACES.length] ?? 'default',
      sizeBytes: thin ? random.pick([1, 2, 2, 4, 8]) * GiB : 512 * MiB,
      replicas,
      thin,
      published,
      workload: busy
        ? {
            pattern: random.pick(['randrw', 'randrw', 'randwrite', 'randread', 'seqwrite']),
            blockSize: random.pick([4096, 4096, 8192, 16384]),
            iops: random.pick([5, 10, 20, 40]),
            workingSetBytes: 6 * MiB,
          }
        : undefined,
      snapshots: i === 1 || i === 12 ? [random.uuid()] : [],
      fillBytes: story === 'none' ? 0 : 160 * MiB,
      story,
    };
  });
}
