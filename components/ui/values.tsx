'use client';
import type { IoRate } from '@/contract/io';
import {
  ageText,
  bytesText,
  bytesTitle,
  latencyText,
  localTime,
  rateText,
  throughputText,
  UNKNOWN,
  utcTime,
} from './format';
import { useTimedText } from './useNow';

export const Unknown = ({ why }: { why?: string }) => (
  <span className="text-unknown italic" title={why ?? 'Not known now'}>
    {UNKNOWN}
  </span>
);

/** A size, binary, with the exact bytes on hover; null is unknown. */
export function Bytes({ value }: { value: string | null | undefined }) {
  if (value === null || value === undefined) return <Unknown />;
  return <span title={bytesTitle(value)}>{bytesText(value)}</span>;
}

export function Throughput({ rate }: { rate: IoRate | null }) {
  if (!rate) return <Unknown />;
  const detail = `read ${throughputText(rate.readBytesPerSecond)}, write ${throughputText(rate.writeBytesPerSecond)}`;
  return <span title={detail}>{throughputText(rate.readBytesPerSecond + rate.writeBytesPerSecond)}</span>;
}

export function Iops({ rate }: { rate: IoRate | null }) {
  if (!rate) return <Unknown />;
  return (
    <span title={`read ${rateText(rate.readIops)}/s, write ${rateText(rate.writeIops)}/s`}>
      {rateText(rate.readIops + rate.writeIops)}
    </span>
  );
}

/** The slower of the two mean latencies; a dash when nothing was read or written. */
export function Latency({ rate }: { rate: IoRate | null }) {
  if (!rate) return <Unknown />;
  const worst = [rate.readLatencyUs, rate.writeLatencyUs]
    .filter((l) => l !== null)
    .reduce<number | null>((a, b) => Math.max(a ?? 0, b), null);
  return (
    <span title={`read ${latencyText(rate.readLatencyUs)}, write ${latencyText(rate.writeLatencyUs)}`}>
      {latencyText(worst)}
    </span>
  );
}

/** How long ago, ticking; the moment in the reader's zone and in UTC on hover. */
export function Age({ at }: { at: string | null }) {
  const words = useTimedText((now) => (at === null ? '' : ageText(at, now)));
  if (at === null) return <Unknown why="Since before this console watched" />;
  return (
    <time dateTime={at} title={`${localTime(at)} · ${utcTime(at)}`} suppressHydrationWarning>
      {words}
    </time>
  );
}

/** A moment in the reader's zone, UTC on hover. */
export function Moment({ at }: { at: string | null }) {
  if (at === null) return <Unknown />;
  return (
    <time dateTime={at} title={utcTime(at)} suppressHydrationWarning>
      {localTime(at)}
    </time>
  );
}
