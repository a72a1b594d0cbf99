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

const SPARK = { width: 200, height: 36 } as const;

/**
 * The path of a line from zero to its highest value over the time from `from` to `to`: null breaks it, and a value alone is a
 * dot. A time before the first value stays empty.
 */
export function sparkPath(
  at: readonly number[],
  values: ReadonlyArray<number | null>,
  from: number,
  to: number,
): string {
  const top = Math.max(1, ...values.map((v) => v ?? 0));
  let path = '';
  values.forEach((v, i) => {
    if (v === null) return;
    const x = ((((at[i] ?? to) - from) / Math.max(1, to - from)) * SPARK.width).toFixed(1);
    const y = (SPARK.height - 2 - (v / top) * (SPARK.height - 4)).toFixed(1);
    const isJoined = (values[i - 1] ?? null) !== null;
    const isEnd = (values[i + 1] ?? null) === null;
    path += isJoined ? `L${x},${y}` : `M${x},${y}${isEnd ? 'h0' : ''}`;
  });
  return path;
}

/** A small line over time as plain SVG, on a base line of zero. */
export function Sparkline({
  label,
  ...line
}: {
  at: readonly number[];
  values: ReadonlyArray<number | null>;
  /** Milliseconds since the epoch at the left edge, and at the right one. */
  from: number;
  to: number;
  label: string;
}) {
  const { width, height } = SPARK;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className="h-9 w-full border-b border-line"
    >
      <path
        d={sparkPath(line.at, line.values, line.from, line.to)}
        fill="none"
        stroke="var(--used)"
        strokeWidth={1.5}
        strokeLinecap="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
