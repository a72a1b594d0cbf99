'use client';
import { topics } from '@/contract/keys';
import type { Node } from '@/contract/node';
import { IoCharts } from '../../charts/IoCharts';
import { useTopic } from '../../live/useTopic';
import { Card, KeyValue } from '../../ui/Card';
import { CopyButton } from '../../ui/CopyButton';
import { countText, exactCount } from '../../ui/format';
import { LabelList } from '../../ui/LabelList';
import { ObjectPage } from '../../ui/ObjectPage';
import { Age, Unknown } from '../../ui/values';
import { VolumeLinks } from '../../volumes/VolumeLinks';
import { BlockDeviceTable } from './BlockDeviceTable';
import { NodePools, NodeTargets } from './NodeTables';

/** One storage node: is it there, what is on it, and what would happen without it. */
export function NodePage({ cluster, id }: { cluster: string; id: string }) {
  const topic = useTopic(cluster, topics.node(id));
  return (
    <ObjectPage
      kind="Node"
      id={id}
      back={{ href: `/c/${cluster}/nodes`, text: 'Nodes' }}
      topic={topic}
      cordonOf={(node) => node.row.cordon}
      facts={({ row }) => (
        <>
          <span>{row.grpcEndpoint}</span>
          <span>io-engine {row.version ?? 'of unknown version'}</span>
        </>
      )}
    >
      {(node) => (
        <>
          <IfLost cluster={cluster} node={node} />
          <NodePools cluster={cluster} pools={node.pools} />
          <NodeTargets cluster={cluster} targets={node.targets} answers={node.row.engine.status === 'ok'} />
          <IoCharts cluster={cluster} topic={(minutes) => topics.nodeMetrics(id, minutes)} />
          <BlockDeviceTable cluster={cluster} node={id} />
          <div className="grid items-start gap-4 xl:grid-cols-2">
            <Identity node={node} />
            <Usage usage={node.usage} />
          </div>
        </>
      )}
    </ObjectPage>
  );
}

function IfLost({ cluster, node }: { cluster: string; node: Node }) {
  const { degraded, unavailable, targetsToMove } = node.ifLost;
  const gone = node.row.status !== 'online';
  const have = gone ? 'with' : 'would have';
  return (
    <Card title={gone ? 'Without this node' : 'If this node went away now'}>
      <div className="flex flex-col gap-3">
        {unavailable.length > 0 ? (
          <div>
            <p className="mb-1 font-medium text-bad">
              {countText(unavailable.length, 'volume')} {have} no healthy copy elsewhere:
            </p>
            <VolumeLinks cluster={cluster} volumes={unavailable} />
          </div>
        ) : (
          <p>Every volume has a healthy copy elsewhere.</p>
        )}
        {degraded.length > 0 && (
          <div>
            <p className="mb-1 font-medium">
              {countText(degraded.length, 'volume')}{' '}
              {gone ? 'now without the copy that is here' : 'would lose one copy'}:
            </p>
            <VolumeLinks cluster={cluster} volumes={degraded} />
          </div>
        )}
        <p className="text-ink-2">
          {targetsToMove === 0
            ? 'No target is on this node.'
            : `${countText(targetsToMove, 'target')} ${gone ? 'not served until the node is back, or until moved' : 'would have to move to another node'}.`}
        </p>
      </div>
    </Card>
  );
}

function Identity({ node: { row, nqn, instanceUuid, features } }: { node: Node }) {
  return (
    <Card title="Identity, labels and cordons">
      <KeyValue
        items={[
          ['NQN', nqn ? <Copied key="q" text={nqn} /> : <Unknown key="q" />, 'wide'],
          ['Instance', instanceUuid ?? <Unknown key="i" />, 'wide'],
          ['Features', features.join(', ') || <Unknown key="f" />],
          ['Labels', <LabelList key="l" labels={row.labels} />],
          ['Cordon labels', row.cordonLabels.join(', ') || 'none'],
          ['Drain labels', row.drainLabels.join(', ') || 'none'],
        ]}
      />
    </Card>
  );
}

function Copied({ text }: { text: string }) {
  return (
    <span className="inline-flex items-center gap-1 break-all">
      {text}
      <CopyButton text={text} label={`Copy ${text}`} />
    </span>
  );
}

function Usage({ usage }: { usage: Node['usage'] }) {
  return (
    <Card title="Work of the io-engine process">
      {usage ? (
        <>
          <KeyValue
            items={[
              ['Page faults, soft', exactCount(usage.softFaults)],
              ['Page faults, hard', exactCount(usage.hardFaults)],
              ['Blocks read', exactCount(usage.inBlockOps)],
              ['Blocks written', exactCount(usage.outBlockOps)],
              ['Switches, voluntary', exactCount(usage.voluntarySwitches)],
              ['Switches, forced', exactCount(usage.involuntarySwitches)],
            ]}
          />
          <p className="mt-2 text-[0.93rem] text-ink-2">
            Counted since the process started, read <Age at={usage.observed.at} />.
          </p>
        </>
      ) : (
        <p>
          <Unknown why="The io-engine does not answer" />
        </p>
      )}
    </Card>
  );
}
