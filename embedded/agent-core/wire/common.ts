import type { Timestamp } from '@/gen/google/protobuf/timestamp';
import { SpecStatus as WireSpecStatus } from '@/gen/v1/misc/common';
import type { SpecStatus } from '../specs';

const STATUS = {
  Creating: WireSpecStatus.Creating,
  Created: WireSpecStatus.Created,
  Deleting: WireSpecStatus.Deleting,
} satisfies Record<SpecStatus, WireSpecStatus>;

export const specStatus = (status: SpecStatus) => STATUS[status];

export const toTimestamp = (ms: number): Timestamp => ({
  seconds: BigInt(Math.floor(ms / 1000)),
  nanos: Math.floor(ms % 1000) * 1_000_000,
});

/** Milliseconds UTC. */
export const fromTimestamp = (at: Timestamp) => Number(at.seconds) * 1000 + Math.floor(at.nanos / 1_000_000);
