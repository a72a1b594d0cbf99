import { expect, it } from 'vitest';
import { gridMove } from './grid-move';

it.each([
  ['ArrowDown', 5, 6],
  ['ArrowDown', 99, 99],
  ['ArrowUp', 5, 4],
  ['ArrowUp', 0, 0],
  ['PageDown', 5, 25],
  ['PageDown', 95, 99],
  ['PageUp', 5, 0],
  ['Home', 50, 0],
  ['End', 50, 99],
  ['x', 50, undefined],
] as const)('%s leads from row %i of 100 to %s', (key, at, to) => {
  expect(gridMove(key, at, 100, 20)).toBe(to);
});

it('has nowhere to go in an empty list', () => {
  expect(gridMove('End', 0, 0, 20)).toBeUndefined();
});
