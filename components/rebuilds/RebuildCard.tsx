import { ArrowRight } from 'lucide-react';
import type { Rebuild } from '@/contract/rebuild';
import { StatusBadge } from '../ui/Badge';
import { durationText, throughputText } from '../ui/format';
import { ProgressBar } from '../ui/meters';
import { TextLink } from '../ui/TextLink';
import { Age, Bytes, Unknown } from '../ui/values';

type End = Rebuild['destination'];

/** One end of a rebuild by pool and node; the URI is the last resort. */
export function RebuildEndText({ cluster, end }: { cluster: string; end: End | null }) {
  if (!end)
    return (
      <span className="text-ink-2" title="The io-engine names it only when the rebuild has ended">
        a healthy copy
      </span>
    );
  if (!end.pool && !end.node)
    return <span title={end.uri}>{end.replica ? `replica ${end.replica.slice(0, 8)}, not listed now` : end.uri}</span>;
  return (
    <span title={end.uri}>
      {end.pool ? (
        <TextLink href={`/c/${cluster}/pools/${encodeURIComponent(end.pool)}`}>{end.pool}</TextLink>
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
    <li className="flex flex-col gap-2 border-t border-line py-3 first:border-t-0 first:pt-0 last:pb-0">
      <div className="flex flex-wrap items-center gap-2">
        {rebuild.volume ? (
          <TextLink href={`/c/${cluster}/volumes/${rebuild.volume.id}`} className="font-medium">
            {name}
          </TextLink>
        ) : (
          <span className="font-medium">{name}</span>
        )}
        {rebuild.observed.stale ? (
          <StatusBadge status="unknown" title="The node of its target does not answer" />
        ) : (
          <StatusBadge status={rebuild.state} />
        )}
        {rebuild.kind !== 'unknown' && (
          <span
            className="rounded border border-line px-1.5 text-[0.86rem] text-ink-2"
            title={
              rebuild.kind === 'partial'
                ? 'Copies only what changed while the replica was away'
                : 'Copies everything that is allocated'
            }
          >
            {rebuild.kind === 'partial' ? 'Partial' : 'Full'}
          </span>
        )}
        <span className="flex flex-wrap items-center gap-1.5">
          <span title={rebuild.isSourceConcluded ? 'The healthy copy that an io-engine reads first' : undefined}>
            <RebuildEndText cluster={cluster} end={rebuild.source} />
          </span>
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
          <Bytes value={rebuild.bytesTransferred} /> copied, <Bytes value={rebuild.bytesRemaining} /> left to scan
        </span>
        {rebuild.observed.stale ? (
          <span>
            as of <Age at={rebuild.observed.at} />: its target does not answer
          </span>
        ) : (
          <>
            <span>
              {rebuild.bytesPerSecond === null ? 'rate not measured yet' : throughputText(rebuild.bytesPerSecond)}
            </span>
            <span>
              {rebuild.secondsLeft === null
                ? 'time left not known yet'
                : `about ${durationText(rebuild.secondsLeft)} left`}
            </span>
          </>
        )}
        {rebuild.startedAt && (
          <span>
            started <Age at={rebuild.startedAt} />
          </span>
        )}
        <span>Why: {rebuild.why ?? 'not known, it began before this console watched'}</span>
      </p>
    </li>
  );
}
