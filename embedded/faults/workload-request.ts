import type { EmbeddedCluster } from '@/embedded/cluster/embedded-cluster';
import { BadRequest } from './short-forms';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Starts a workload as the body of POST /workloads asks for it. Throws BadRequest, and what `Workloads.add` throws. */
export async function addWorkload(cluster: EmbeddedCluster, raw: unknown) {
  const b = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
  const number = (key: string, otherwise: number, most: number) => {
    const value = b[key] ?? otherwise;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > most)
      throw new BadRequest(`${key}: 1 to ${most}`);
    return value;
  };
  const pattern = b.pattern ?? 'randrw';
  if (typeof b.volume !== 'string' || !UUID.test(b.volume)) throw new BadRequest('volume: a UUID');
  if (pattern !== 'randrw' && pattern !== 'randwrite' && pattern !== 'randread' && pattern !== 'seqwrite') {
    throw new BadRequest('pattern: randrw, randwrite, randread or seqwrite');
  }
  const blockSize = number('blockSize', 4096, 1 << 20);
  if (blockSize % 512 !== 0) throw new BadRequest('blockSize: a multiple of 512');
  await cluster.workloads.look(b.volume);
  const workload = cluster.workloads.add(b.volume, {
    pattern,
    blockSize,
    iops: number('iops', 100, 100_000),
    depth: number('depth', 4, 256),
    workingSetBytes: number('workingSetBytes', 16 << 20, 2 ** 40),
  });
  return { id: workload.id, offset: workload.region.offset };
}
