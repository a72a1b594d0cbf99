import { describe, expect, it } from 'vitest';
import { sparkPath } from './meters';

describe('a small line', () => {
  it('stands where its time is, and leaves empty what is not known', () => {
    // The last quarter of the time only: nothing is drawn before it.
    expect(sparkPath([75, 100], [10, 10], 0, 100)).toBe('M150.0,2.0L200.0,2.0');
    expect(sparkPath([0, 50, 100], [10, null, 5], 0, 100)).toBe('M0.0,2.0h0M200.0,18.0h0');
  });

  it('is a line at the bottom for zero, and nothing for nothing', () => {
    expect(sparkPath([0, 100], [0, 0], 0, 100)).toBe('M0.0,34.0L200.0,34.0');
    expect(sparkPath([0, 100], [null, null], 0, 100)).toBe('');
    expect(sparkPath([], [], 0, 0)).toBe('');
  });
});
