import type { BlockDevices } from '@/contract/node';
import type { VolumeId } from '@/contract/scalars';
import type { VolumeRaw } from '@/contract/volume';
import { steadyNow } from '../collector/clock';
import { type Answer, answer, fail } from '../http/answer';
import { readFailureOf } from '../http/upstream-failure';
import { missing } from '../live/reads';
import type { Cluster } from '../runtime';
import { instant } from '../views/facts';
import { blockDevicesView } from '../views/node';
import { silenceOf } from '../views/silence';
import { volumeRawView } from '../views/volume';

/** The raw view reads agent-core now, so that it shows what was said and not what was kept of it. */
export async function volumeRaw(cluster: Cluster, id: VolumeId): Promise<Answer<VolumeRaw>> {
  const reply = await cluster.agentCore.getVolume(id);
  if (!reply.ok) return fail(readFailureOf(reply.error));
  if (!reply.value) return fail({ code: 'not_found', detail: 'This cluster has no volume of that id.' });
  return answer(volumeRawView(cluster.collector.snapshot, id, reply.value.raw));
}

/** Disks of a node. The control plane asks its io-engine, so a node that is away fails here and nowhere else. */
export async function blockDevices(cluster: Cluster, node: string, all: boolean): Promise<Answer<BlockDevices>> {
  const s = cluster.collector.snapshot;
  if (!s.nodes?.items.has(node)) return fail(missing(s, s.nodes, 'node'));
  const reply = await cluster.agentCore.getBlockDevices(node, all);
  const silence = silenceOf(s, node);
  if (!reply.ok && silence) {
    // agent-core's own words are about a connection that nobody here can see.
    return fail({
      ...readFailureOf(reply.error),
      code: 'upstream_error',
      status: 503,
      detail: `The disks cannot be read: ${silence.sentence}.`,
      nextStep: 'They can be read when the node is back.',
    });
  }
  if (!reply.ok) return fail(readFailureOf(reply.error));
  return answer({
    devices: blockDevicesView(s, node, reply.value),
    observed: { source: 'agent-core', node, at: instant(steadyNow()), stale: false },
  });
}
