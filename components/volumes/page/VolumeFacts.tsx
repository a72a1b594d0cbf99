import type { Volume } from '@/contract/volume';
import { Card, KeyValue } from '../../ui/Card';
import { CopyButton } from '../../ui/CopyButton';
import { LabelList } from '../../ui/LabelList';
import { TextLink } from '../../ui/TextLink';
import { Bytes, Unknown } from '../../ui/values';

/** Use of space, rules of placement, labels and where the volume came from. */
export function VolumeFacts({ cluster, volume: v }: { cluster: string; volume: Volume }) {
  return (
    <Card title="Space, labels and topology">
      <KeyValue
        items={[
          ['Allocated, largest replica', <Bytes key="a" value={v.usage?.allocatedBytes} />],
          ['Allocated, all replicas', <Bytes key="t" value={v.usage?.totalAllocatedBytes} />],
          ['In snapshots, all replicas', <Bytes key="s" value={v.usage?.totalAllocatedSnapshotBytes} />],
          ['Claim', v.row.pvc ? `${v.row.pvc.namespace}/${v.row.pvc.name}` : 'not from a claim'],
          ['Affinity group', v.affinityGroup ?? 'none'],
          ['Snapshot limit', v.maxSnapshots ?? 'none'],
          ['Made from', <Source key="f" cluster={cluster} volume={v} />],
          ['Nodes it may use', <NodeRule key="n" topology={v.topology.node} />],
          ['Pools it may use', v.topology.pool ? <LabelRule key="p" rule={v.topology.pool} /> : 'any'],
          ['Device', <Device key="d" volume={v} />, v.target?.deviceUri ? 'wide' : undefined],
          ['Labels', <LabelList key="l" labels={v.row.labels} />, 'wide'],
        ]}
      />
    </Card>
  );
}

function Source({ cluster, volume: v }: { cluster: string; volume: Volume }) {
  if (!v.contentSource) return 'nothing, it began empty';
  return (
    <>
      snapshot {v.contentSource.snapshot} of{' '}
      <TextLink href={`/c/${cluster}/volumes/${v.contentSource.volume}`}>
        volume {v.contentSource.volume.slice(0, 8)}
      </TextLink>
    </>
  );
}

function Device({ volume: v }: { volume: Volume }) {
  const uri = v.target?.deviceUri;
  if (!uri) return v.targetUnknown ? <Unknown why="The target’s node does not answer" /> : 'not published';
  return (
    <span className="inline-flex items-center gap-1 break-all">
      {uri}
      <CopyButton text={uri} label="Copy the device’s URI" />
    </span>
  );
}

function LabelRule({ rule }: { rule: { inclusion: Record<string, string>; exclusion: Record<string, string> } }) {
  const include = Object.keys(rule.inclusion).length > 0;
  const differ = Object.keys(rule.exclusion);
  if (!include && differ.length === 0) return 'any';
  return (
    <span className="flex flex-col gap-1">
      {include && <LabelList labels={rule.inclusion} />}
      {differ.length > 0 && <span>{differ.join(', ')} differing between copies</span>}
    </span>
  );
}

function NodeRule({ topology }: { topology: Volume['topology']['node'] }) {
  if (!topology) return 'any';
  if (topology.kind === 'labelled') return <LabelRule rule={topology} />;
  const allowed = topology.allowed.length > 0 ? `only ${topology.allowed.join(', ')}` : 'any';
  return topology.preferred.length > 0 ? `${allowed}; rather ${topology.preferred.join(', ')}` : allowed;
}
