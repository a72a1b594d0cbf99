import { ArrowRight } from 'lucide-react';
import Link from 'next/link';
import type { Rebuild } from '@/contract/rebuild';
import { Badge, StatusBadge } from '../ui/Badge';
import { durationText, throughputText } from '../ui/format';
import { ProgressBar } from '../ui/meters';
import { Age, Bytes, Unknown } from '../ui/values';

type End = Rebuild['destination'];

/** One end of a rebuild by pool and node; the URI is the last resort. */
export function RebuildEndText({ cluster, end }: { cluster: string; end: End | null }) {
  if (!end) return <Unknown why="The io-engine names the source only when the rebuild has ended" />;
  if (!end.pool && !end.node) return <span title={end.uri}>{end.replica ?? end.uri}</span>;
  return (
    <span title={end.uri}>
      {end.pool ? (
        <Link
          className="text-accent underline-offset-2 hover:underline"
          href={`/c/${cluster}/pools/${encodeURIComponent(end.pool)}`}
          prefetch={false}
        >
          {end.pool}
        </Link>
      ) : (
        'unknown pool'
      )}{' '}
      on {end.node ?? 'an unknown node'}
    </span>
  );
}

/** A running rebuild: from where to where, how much is left, how fast, how long, and why. */
export function RebuildCard({ cluster, rebuild }: { cluster: string; rebuild: Rebuild }) {
  const name = rebuild.volume?.name ?? rebuild.nexus;
  return (
    <li className="flex flex-col gap-2 border-t border-line py-3 first:border-t-0 first:pt-0">
      <div className="flex flex-wrap items-center gap-2">
        {rebuild.volume ? (
          <Link
            className="font-medium text-accent underline-offset-2 hover:underline"
            href={`/c/${cluster}/volumes/${rebuild.volume.id}`}
          >
            {name}
          </Link>
        ) : (
          <span className="font-medium">{name}</span>
        )}
        <StatusBadge status={rebuild.state} />
        {rebuild.kind !== 'unknown' && (
          <Badge
            tone="busy"
            title={
              rebuild.kind === 'partial'
                ? 'Copies only what changed while the replica was away'
                : 'Copies everything that is allocated'
            }
          >
            {rebuild.kind === 'partial' ? 'Partial' : 'Full'}
          </Badge>
        )}
        <span className="flex flex-wrap items-center gap-1.5">
          <RebuildEndText cluster={cluster} end={rebuild.source} />
          <ArrowRight aria-label="to" size={14} className="text-ink-2" />
          <RebuildEndText cluster={cluster} end={rebuild.destination} />
        </span>
        <span className="tabular ml-auto font-medium">
          {rebuild.progress === null ? <Unknown /> : `${Math.floor(rebuild.progress)} %`}
        </span>
      </div>
      <ProgressBar percent={rebuild.progress} label={`Rebuild of ${name}`} />
      <p className="tabular flex flex-wrap gap-x-4 text-[0.93rem] text-ink-2">
        <span>
          <Bytes value={rebuild.bytesTransferred} /> copied, <Bytes value={rebuild.bytesRemaining} /> left to go over
        </span>
        <span>
          {rebuild.bytesPerSecond === null ? 'rate not measured yet' : throughputText(rebuild.bytesPerSecond)}
        </span>
        <span>
          {rebuild.secondsLeft === null ? 'time left not known yet' : `about ${durationText(rebuild.secondsLeft)} left`}
        </span>
        {rebuild.startedAt && (
          <span>
            started <Age at={rebuild.startedAt} />
          </span>
        )}
        {rebuild.why && <span>Why: {rebuild.why}</span>}
      </p>
    </li>
  );
}
