import { describe, expect, it } from 'vitest';
import { type TargetStatus, volumeSpace, volumeStatus } from './volume-status';

describe('status of a volume', () => {
  it.each<[string, Parameters<typeof volumeStatus>[0], TargetStatus]>([
    [
      'published, in order',
      { numReplicas: 2, replicaSpecs: 2, published: true, target: { status: 'Online', children: 2 } },
      'Online',
    ],
    [
      'published, a child short',
      { numReplicas: 3, replicaSpecs: 3, published: true, target: { status: 'Online', children: 2 } },
      'Degraded',
    ],
    [
      'published, target faulted',
      { numReplicas: 2, replicaSpecs: 2, published: true, target: { status: 'Faulted', children: 2 } },
      'Faulted',
    ],
    ['published, target not seen', { numReplicas: 2, replicaSpecs: 2, published: true }, 'Unknown'],
    ['unpublished, enough specs', { numReplicas: 2, replicaSpecs: 2, published: false }, 'Online'],
    ['unpublished, one spec', { numReplicas: 2, replicaSpecs: 1, published: false }, 'Degraded'],
    ['unpublished, no spec', { numReplicas: 2, replicaSpecs: 0, published: false }, 'Faulted'],
    ['unpublished, none wanted', { numReplicas: 0, replicaSpecs: 0, published: false }, 'Online'],
  ])('%s', (_what, facts, expected) => {
    expect(volumeStatus(facts)).toBe(expected);
  });
});

it('adds two maxima for allocated and sums for the totals', () => {
  const space = volumeSpace(100, [
    { capacity: 100, allocated: 10, allocatedSnapshots: 5, allocatedAllSnapshots: 9 },
    { capacity: 100, allocated: 20, allocatedSnapshots: 1, allocatedAllSnapshots: 2 },
  ]);
  expect(space).toEqual({
    capacity: 100,
    allocated: 25,
    totalAllocated: 36,
    allocatedReplica: 20,
    allocatedSnapshots: 5,
    allocatedAllSnapshots: 9,
    totalAllocatedReplicas: 30,
    totalAllocatedSnapshots: 6,
  });
});
