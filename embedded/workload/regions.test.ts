import { expect, it } from 'vitest';
import { Regions } from './regions';

const MiB = 1024 ** 2;

it('gives each writer of a volume a part of its own, the first that fits', () => {
  const regions = new Regions();
  const first = regions.take('a', 64 * MiB, 6 * MiB);
  const second = regions.take('a', 64 * MiB, 16 * MiB);
  expect(first).toEqual({ offset: 0, length: 6 * MiB });
  expect(second).toEqual({ offset: 6 * MiB, length: 16 * MiB });
  expect(regions.take('b', 64 * MiB, 6 * MiB)?.offset).toBe(0);
  if (first) regions.free('a', first);
  expect(regions.take('a', 64 * MiB, 8 * MiB)?.offset).toBe(22 * MiB);
  expect(regions.take('a', 64 * MiB, 4 * MiB)?.offset).toBe(0);
});

it('refuses when no gap is large enough, and takes at most the volume', () => {
  const regions = new Regions();
  expect(regions.take('a', 8 * MiB, 64 * MiB)).toEqual({ offset: 0, length: 8 * MiB });
  expect(regions.take('a', 8 * MiB, MiB)).toBeUndefined();
});

it('begins at a whole MiB behind an odd length', () => {
  const regions = new Regions();
  regions.take('a', 8 * MiB, 4096);
  expect(regions.take('a', 8 * MiB, 4096)?.offset).toBe(MiB);
});
