import { expect, it } from 'vitest';
import { Child, ChildState, ChildStateReason } from '@/gen/mayastor/v1/common';
import { toTimestamp } from '../wire/common';
import { type ChildDecision, type ChildFacts, decideChild } from './child-decision';

const MIB = 1024 * 1024;
const FAULTED_AT = 1_000_000;

const faulted = (more: Partial<Child> = {}) =>
  Child.fromPartial({
    uri: 'bdev:///a?uuid=a',
    state: ChildState.CHILD_STATE_FAULTED,
    stateReason: ChildStateReason.CHILD_STATE_REASON_IO_FAILURE,
    faultTimestamp: toTimestamp(FAULTED_AT),
    hasIoLog: true,
    ...more,
  });
const full = () =>
  faulted({ state: ChildState.CHILD_STATE_DEGRADED, stateReason: ChildStateReason.CHILD_STATE_REASON_NO_SPACE });

it.each<[string, Partial<ChildFacts>, ChildDecision]>([
  ['online', { child: faulted({ state: ChildState.CHILD_STATE_ONLINE }) }, 'keep'],
  [
    'rebuilding',
    {
      child: faulted({
        state: ChildState.CHILD_STATE_DEGRADED,
        stateReason: ChildStateReason.CHILD_STATE_REASON_OUT_OF_SYNC,
      }),
    },
    'keep',
  ],
  ['faulted, its replica back in time', {}, 'online'],
  ['faulted, its replica away, in time', { replicaOnline: false }, 'wait'],
  ['faulted, its replica away, too late', { replicaOnline: false, nowMs: FAULTED_AT + 600_000 }, 'replace'],
  ['faulted, back but too late', { nowMs: FAULTED_AT + 600_000 }, 'replace'],
  ['faulted without a log', { child: faulted({ hasIoLog: false }) }, 'replace'],
  ['faulted without a time', { child: faulted({ faultTimestamp: undefined }) }, 'replace'],
  ['faulted, partial rebuilds off', { partialRebuild: false }, 'replace'],
  [
    'out of space, room again',
    { child: full(), poolFree: 40 * MIB, largestAllocated: 30 * MIB, allocated: 10 * MIB },
    'online',
  ],
  [
    'out of space, a byte short',
    { child: full(), poolFree: 36 * MIB - 1, largestAllocated: 30 * MIB, allocated: 10 * MIB },
    'move',
  ],
])('a child that is %s', (_what, facts, expected) => {
  const decision = decideChild({
    child: faulted(),
    partialRebuild: true,
    replicaOnline: true,
    nowMs: FAULTED_AT + 1_000,
    waitMs: 600_000,
    poolFree: 1024 * MIB,
    largestAllocated: 0,
    allocated: 0,
    ...facts,
  });
  expect(decision).toBe(expected);
});
