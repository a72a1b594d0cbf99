'use client';
import { Shield, ShieldAlert, ShieldCheck, ShieldQuestion } from 'lucide-react';
import { topics } from '@/contract/keys';
import type { Overview } from '@/contract/overview';
import type { Observed } from '@/contract/source';
import { useTopic } from '../live/useTopic';
import { RebuildCard } from '../rebuilds/RebuildCard';
import { AsOf } from '../ui/AsOf';
import { Card, Skeleton } from '../ui/Card';
import { countText, statusText } from '../ui/format';
import { CapacityBar } from '../ui/meters';
import { ErrorPanel } from '../ui/states';
import { TextLink } from '../ui/TextLink';
import { ClusterIo } from './ClusterIo';
import { Findings } from './Findings';
import { NodesTable } from './NodesTable';

const LEVELS = {
  safe: { box: 'border-ok bg-ok-bg', ink: 'text-ok', Icon: ShieldCheck },
  'at-risk': { box: 'border-warn bg-warn-bg', ink: 'text-warn', Icon: ShieldAlert },
  'data-lost': { box: 'border-bad bg-bad-bg', ink: 'text-bad', Icon: ShieldAlert },
  unknown: { box: 'border-line-strong bg-unknown-bg', ink: 'text-unknown', Icon: ShieldQuestion },
  // With no data nothing is safe and nothing is lost.
  empty: { box: 'border-line bg-surface', ink: 'text-ink-2', Icon: Shield },
} as const;

/** Is any data at risk now, what is wrong and why, is it healing, how full, how busy. */
export function OverviewPage({ cluster }: { cluster: string }) {
  const { data, problem, retry } = useTopic(cluster, topics.overview());
  return (
    <div className="flex flex-col gap-4">
      <h1 className="sr-only">Overview</h1>
      {problem && <ErrorPanel problem={problem} onRetry={retry} />}
      {!data && !problem && <Skeleton lines={8} label="Loading the overview" />}
      {data && <Body cluster={cluster} data={data} />}
    </div>
  );
}

function Body({ cluster, data }: { cluster: string; data: Overview }) {
  const isEmpty = data.safety.level === 'safe' && data.volumes.total === 0;
  const { box, ink, Icon } = LEVELS[isEmpty ? 'empty' : data.safety.level];
  const old = agentCoreOf(data);
  return (
    <>
      <section aria-label="Data safety" className={`flex items-start gap-3 rounded-lg border px-4 py-3 ${box}`}>
        <Icon aria-hidden className={`mt-0.5 shrink-0 ${ink}`} size={22} />
        <p role="status" className="text-lg font-medium">
          {data.safety.sentence}
          {isEmpty && <FirstStep cluster={cluster} data={data} />}
        </p>
      </section>
      <div className="grid gap-4 lg:grid-cols-[2fr_1fr]">
        <div className="flex min-w-0 flex-col gap-4">
          {data.findings.length > 0 && (
            <Card title={`What needs attention (${data.findingsTotal})`}>
              <Findings cluster={cluster} findings={data.findings} total={data.findingsTotal} />
            </Card>
          )}
          {data.rebuilds.length > 0 && (
            <Card
              title={`Rebuilding now (${data.rebuilds.length})`}
              actions={<TextLink href={`/c/${cluster}/rebuilds`}>All rebuilds</TextLink>}
            >
              <ul>
                {data.rebuilds.map((r) => (
                  <RebuildCard key={r.id} cluster={cluster} rebuild={r} />
                ))}
              </ul>
            </Card>
          )}
          <Card title="Nodes" actions={<TextLink href={`/c/${cluster}/nodes`}>All nodes</TextLink>}>
            <NodesTable cluster={cluster} data={data} />
            <Old observed={old} />
          </Card>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <Card title="Volumes" actions={<TextLink href={`/c/${cluster}/volumes`}>All volumes</TextLink>}>
            <VolumeCounts cluster={cluster} volumes={data.volumes} />
            <Old observed={old} />
          </Card>
          <Card title="Capacity" actions={<TextLink href={`/c/${cluster}/pools`}>All pools</TextLink>}>
            <CapacityBar capacity={data.capacity} label={`${data.capacity.pools} pools`} />
            <Old observed={old} />
            {data.capacity.unknownPools > 0 && (
              <p className="mt-1 text-warn">
                {data.capacity.unknownPools} of {data.capacity.pools} pools{' '}
                {data.capacity.unknownPools === 1 ? 'is' : 'are'} not known now and not counted.
              </p>
            )}
          </Card>
          <Card title="I/O of all volumes">
            <ClusterIo io={data.io} series={data.series} />
            <NotCounted nodes={data.nodes} />
          </Card>
        </div>
      </div>
    </>
  );
}

/** The figures are sums: what is not in them is said. */
function NotCounted({ nodes }: Pick<Overview, 'nodes'>) {
  const silent = nodes.filter((n) => n.io === null).length;
  if (silent === 0) return null;
  return (
    <p className="mt-1 text-warn">
      {silent} of {countText(nodes.length, 'node')} {silent === 1 ? 'is' : 'are'} not known now and not counted.
    </p>
  );
}

/** What to do in a cluster that holds nothing yet. */
function FirstStep({ cluster, data }: { cluster: string; data: Overview }) {
  const link = (path: string, text: string) => (
    <TextLink href={`/c/${cluster}/${path}`} className="underline">
      {text}
    </TextLink>
  );
  return (
    <span className="mt-0.5 block text-base font-normal text-ink-2">
      {data.nodes.length === 0 ? (
        'First, storage nodes: an io-engine registers its node with the control plane when it starts.'
      ) : data.capacity.pools === 0 ? (
        <>Next, {link('pools', 'pools')}: one for each disk that Mayastor may use.</>
      ) : (
        <>Next, {link('volumes/new', 'create a volume')}.</>
      )}
    </span>
  );
}

/** What agent-core said last, and when. */
function agentCoreOf({ sources }: Overview): Observed | undefined {
  const core = sources.find((s) => s.source === 'agent-core');
  if (!core?.lastOkAt) return undefined;
  return { source: 'agent-core', at: core.lastOkAt, stale: core.status !== 'ok' };
}

const Old = ({ observed }: { observed: Observed | undefined }) => (
  <p className="mt-1 text-[0.93rem] empty:hidden">
    <AsOf observed={observed} />
  </p>
);

function VolumeCounts({ cluster, volumes }: { cluster: string; volumes: Overview['volumes'] }) {
  if (volumes.total === null) return <p className="text-unknown">The volumes are not known yet.</p>;
  const counts = Object.entries(volumes.byStatus).filter(([, n]) => n > 0);
  return (
    <ul className="flex flex-col gap-1">
      <li className="flex justify-between font-medium">
        <span>In all</span> <span className="tabular">{volumes.total.toLocaleString('en')}</span>
      </li>
      {counts.map(([status, n]) => (
        <li key={status} className="flex justify-between">
          <TextLink href={`/c/${cluster}/volumes?q=${encodeURIComponent(`status:${status}`)}`}>
            {statusText(status)}
          </TextLink>
          <span className="tabular">{n.toLocaleString('en')}</span>
        </li>
      ))}
      {volumes.rebuilding > 0 && (
        <li className="flex justify-between">
          <TextLink href={`/c/${cluster}/volumes?q=rebuilding%3Atrue`}>Rebuilding</TextLink>
          <span className="tabular">{volumes.rebuilding.toLocaleString('en')}</span>
        </li>
      )}
    </ul>
  );
}
