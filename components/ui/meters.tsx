import type { Capacity } from '@/contract/pool';
import { bytesText, bytesTitle } from './format';

/** Share of `part` in `whole` in percent, by BigInt, never above 100; undefined when it cannot be said. */
export function percentOf(part: string | null, whole: string | null): number | undefined {
  if (part === null || whole === null || BigInt(whole) === 0n) return undefined;
  return Math.min(100, Number((BigInt(part) * 10_000n) / BigInt(whole)) / 100);
}

export function ProgressBar({ percent, label }: { percent: number | null; label: string }) {
  const known = percent !== null && Number.isFinite(percent);
  const value = known ? Math.max(0, Math.min(100, percent)) : undefined;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={value}
      aria-valuetext={known ? undefined : 'not known'}
      className="h-1.5 w-full overflow-hidden rounded-full bg-surface-2"
    >
      {known && <div className="h-full rounded-full bg-busy" style={{ width: `${value}%` }} />}
    </div>
  );
}

/** Used, committed and total on one line; committed beyond the total is said in words, because a bar cannot show it. */
export function CapacityBar({ capacity, label }: { capacity: Capacity; label: string }) {
  const { usedBytes, committedBytes, capacityBytes } = capacity;
  const used = percentOf(usedBytes, capacityBytes);
  const committed = percentOf(committedBytes, capacityBytes);
  const over = committedBytes !== null && capacityBytes !== null && BigInt(committedBytes) > BigInt(capacityBytes);
  const words =
    capacityBytes === null
      ? 'capacity unknown'
      : capacityBytes === '0'
        ? 'no pool yet'
        : `${bytesText(usedBytes)} used of ${bytesText(capacityBytes)}, ${bytesText(committedBytes)} committed${over ? ' (more than there is)' : ''}`;
  return (
    <div
      className="min-w-32"
      title={capacityBytes === null ? undefined : `${bytesTitle(usedBytes)} of ${bytesTitle(capacityBytes)}`}
    >
      <div
        role="img"
        aria-label={`${label}: ${words}`}
        className="relative h-2 overflow-hidden rounded-full bg-surface-2"
      >
        {committed !== undefined && (
          <div className="absolute inset-y-0 left-0 bg-committed" style={{ width: `${committed}%` }} />
        )}
        {used !== undefined && <div className="absolute inset-y-0 left-0 bg-used" style={{ width: `${used}%` }} />}
      </div>
      <p className="mt-1 text-[0.86rem] text-ink-2">{words}</p>
    </div>
  );
}

/** A line of values as plain SVG; null breaks the line. */
export function Sparkline({ values, label }: { values: ReadonlyArray<number | null>; label: string }) {
  const width = 200;
  const height = 36;
  const top = Math.max(1, ...values.map((v) => v ?? 0));
  const step = values.length > 1 ? width / (values.length - 1) : width;
  let path = '';
  let pen = false;
  values.forEach((v, i) => {
    if (v === null) {
      pen = false;
      return;
    }
    path += `${pen ? 'L' : 'M'}${(i * step).toFixed(1)},${(height - 2 - (v / top) * (height - 4)).toFixed(1)}`;
    pen = true;
  });
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className="h-9 w-full"
    >
      <path d={path} fill="none" stroke="var(--used)" strokeWidth={1.5} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
