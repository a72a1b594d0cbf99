import type { IoRate } from '@/contract/io';
import type { Labels } from '@/contract/scalars';
import type { RowObserved } from '@/contract/source';
import type { Cell } from './window';

/** The six I/O columns that every export with rates has. */
export const ioColumns = <R extends { io: IoRate | null }>() => ({
  read_iops: (r: R): Cell => r.io?.readIops ?? null,
  write_iops: (r: R): Cell => r.io?.writeIops ?? null,
  read_bytes_per_second: (r: R): Cell => r.io?.readBytesPerSecond ?? null,
  write_bytes_per_second: (r: R): Cell => r.io?.writeBytesPerSecond ?? null,
  read_latency_us: (r: R): Cell => r.io?.readLatencyUs ?? null,
  write_latency_us: (r: R): Cell => r.io?.writeLatencyUs ?? null,
});

/** `a=1 b=2`, in the order of the keys. */
export const labelsCell = (labels: Labels): Cell =>
  Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');

/** Values by which a label is found: its key, and `key=value`. */
export const labelValues = (labels: Labels): string[] =>
  Object.entries(labels).flatMap(([key, value]) => [key, `${key}=${value}`]);

/** Null for a row that is as current as the list. */
export const observedCell = (observed: RowObserved): Cell => observed.at;

export const iopsOf = ({ io }: { io: IoRate | null }): number | null => (io ? io.readIops + io.writeIops : null);
export const throughputOf = ({ io }: { io: IoRate | null }): number | null =>
  io ? io.readBytesPerSecond + io.writeBytesPerSecond : null;

/** The worse of both directions; null when no operation was measured. */
export function latencyOf({ io }: { io: IoRate | null }): number | null {
  const known = [io?.readLatencyUs, io?.writeLatencyUs].filter((x) => x !== null && x !== undefined);
  return known.length > 0 ? Math.max(...known) : null;
}

/** Bytes per second as a size that a filter compares; undefined: unknown. */
export function throughputSize(row: { io: IoRate | null }): bigint | undefined {
  const value = throughputOf(row);
  return value === null ? undefined : BigInt(Math.round(value));
}

export const sizeOrNull = (digits: string | null): bigint | null => (digits === null ? null : BigInt(digits));
export const sizeOrUnknown = (digits: string | null): bigint | undefined =>
  digits === null ? undefined : BigInt(digits);
