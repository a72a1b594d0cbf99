'use client';
import { TriangleAlert } from 'lucide-react';
import type { Problem } from '@/contract/problem';
import type { SourceState } from '@/contract/source';
import { Button } from './Button';
import { durationText, localTime } from './format';
import { useNow } from './useNow';
import { Age } from './values';

/** A failure as a person needs it: what, why, what to do, and the id to quote. */
export function ErrorPanel({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  return (
    <div role="alert" className="rounded-lg border border-bad bg-bad-bg px-4 py-3 text-ink">
      <p className="flex items-center gap-2 font-medium text-bad">
        <TriangleAlert aria-hidden size={16} />
        {problem.title}
      </p>
      <p className="mt-1">{problem.detail}</p>
      {problem.upstream && (
        <p className="mt-1 text-ink-2">
          {problem.upstream.source} said {problem.upstream.kind}: {problem.upstream.message}
          {problem.upstream.extra ? ` (${problem.upstream.extra})` : ''}
        </p>
      )}
      {problem.nextStep && <p className="mt-1 font-medium">{problem.nextStep}</p>}
      <p className="mt-2 flex items-center gap-3 text-[0.86rem] text-ink-2">
        {/* What the stream brought was no request of its own. */}
        {problem.requestId !== 'live' && <span>Request {problem.requestId}</span>}
        {onRetry && <Button onClick={onRetry}>Try again</Button>}
      </p>
    </div>
  );
}

/** "io-engine on io-2". */
export const sourceName = (s: { source: string; node?: string | undefined }): string =>
  s.node ? `${s.source} on ${s.node}` : s.source;

const nextTryText = (seconds: number): string =>
  seconds < 1 ? 'Trying now.' : `Next try in ${durationText(seconds)}.`;

/** Which sources do not answer, since when, and when they are asked again. Nothing when all answer. */
export function SourceBanner({ sources }: { sources: readonly SourceState[] }) {
  const now = useNow();
  const failing = sources.filter((s) => s.status === 'failing' || s.status === 'refused');
  if (failing.length === 0) return null;
  return (
    <div role="status" className="rounded-lg border border-warn bg-warn-bg px-4 py-2">
      {failing.slice(0, 5).map((s) => (
        <p key={sourceName(s)}>
          <strong className="text-warn">{sourceName(s)}</strong> <Silence source={s} />{' '}
          <span suppressHydrationWarning>
            {s.nextTryAt && now > 0 ? nextTryText((Date.parse(s.nextTryAt) - now) / 1000) : ''}
          </span>
          {s.error && s.status !== 'refused' && <span className="text-ink-2"> ({s.error.message})</span>}
        </p>
      ))}
      {failing.length > 5 && <p>and {failing.length - 5} more</p>}
    </div>
  );
}

/** What is with a source that says nothing. */
function Silence({ source: s }: { source: SourceState }) {
  if (s.status === 'refused') return <>is not asked: {s.error?.message ?? 'its address is not acceptable'}.</>;
  const since = (
    <time dateTime={s.since} suppressHydrationWarning>
      {localTime(s.since)}
    </time>
  );
  if (!s.lastOkAt) return <>has not answered yet, asked since {since}.</>;
  return (
    <>
      has not answered since {since}; what it alone knows was last read <Age at={s.lastOkAt} />.
    </>
  );
}
