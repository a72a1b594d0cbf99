import type { NexusId, ReplicaId, SnapshotId, VolumeId } from '@/contract/scalars';
import type { Timestamp } from '@/gen/google/protobuf/timestamp';
import type { StringMapValue } from '@/gen/v1/misc/common';

const MAX_TEXT = 4096;

/** Text of an upstream, cut where it would only be an attack. */
export const text = (value: string): string => (value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value);

/** Empty strings stand for absence in plain proto3 fields. */
export const textOrAbsent = (value: string | undefined): string | undefined => (value ? text(value) : undefined);

/** The last moment that ISO 8601 writes with four digits of a year. */
const LAST_MS = 253_402_300_799_999;

/** Milliseconds since the epoch; a moment that no calendar on a page could show is absent. */
export function millis(t: Timestamp | undefined): number | undefined {
  if (!t) return undefined;
  const ms = Number(t.seconds) * 1000 + Math.floor(t.nanos / 1e6);
  return ms >= 0 && ms <= LAST_MS ? ms : undefined;
}

/** Labels keep their own Map, because names such as `__proto__` are legal on the wire. At most 1,024 of them. */
export function labels(value: StringMapValue | { [key: string]: string } | undefined): ReadonlyMap<string, string> {
  const map = value && 'value' in value && typeof value.value === 'object' ? value.value : (value ?? {});
  return new Map(
    Object.entries(map as { [key: string]: string }) // either arm above is such a map
      .slice(0, 1024)
      .map(([k, v]) => [text(k), text(v)]),
  );
}

const CANONICAL = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NIL = '00000000-0000-0000-0000-000000000000';

/** The same rule as the contract's ids, without a parser's cost: a pass over 10,000 volumes reads 100,000 of them. */
function id<T extends string>(value: string | undefined): T | undefined {
  const uuid = value?.toLowerCase();
  return uuid && uuid !== NIL && CANONICAL.test(uuid) ? (uuid as T) : undefined; // just checked
}
export const volumeId = (v: string | undefined) => id<VolumeId>(v);
export const nexusId = (v: string | undefined) => id<NexusId>(v);
export const snapshotId = (v: string | undefined) => id<SnapshotId>(v);
export const replicaId = (v: string | undefined) => id<ReplicaId>(v);
