import { describe, expect, it } from 'vitest';
import { testSnapshot } from './fixtures.test-support';
import { overviewView } from './overview';

const NO_SERIES = {
  at: [],
  readIops: [],
  writeIops: [],
  readBytesPerSecond: [],
  writeBytesPerSecond: [],
  readLatencyUs: [],
  writeLatencyUs: [],
  stepSeconds: 2,
};
const capacity = (s: ReturnType<typeof testSnapshot>) => overviewView(s, NO_SERIES).capacity;

describe('the capacity of a cluster', () => {
  it('is nothing where there is no pool, and unknown where nobody has told which there are', () => {
    const s = testSnapshot({ nodes: 0 });
    expect(capacity(s)).toMatchObject({ pools: 0, capacityBytes: '0', usedBytes: '0', committedBytes: '0' });
    const { pools: _, ...unread } = s;
    expect(capacity({ ...unread, revision: s.revision + 1 })).toMatchObject({ pools: 0, capacityBytes: null });
  });
  it('leaves pools of a silent node out, and counts them', () => {
    expect(capacity(testSnapshot({ nodes: 2, away: [2] }))).toMatchObject({ pools: 2, unknownPools: 1 });
  });
});
