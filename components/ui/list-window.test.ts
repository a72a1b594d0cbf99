import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, shiftOf, windowFor } from './list-window';

const ids = (...list: string[]) => ({ offset: 0, ids: list });

describe('windowFor', () => {
  it('always holds what is seen, whatever the screen and the place', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.integer({ min: 1, max: 220 }), (first, seen) => {
        const last = first + seen - 1;
        expect(covers(windowFor(first, last), first, last, Number.MAX_SAFE_INTEGER)).toBe(true);
      }),
    );
  });

  it('begins at the top for the top, and asks for no more than the server gives', () => {
    expect(windowFor(0, 20)).toEqual({ offset: 0, limit: 100 });
    expect(windowFor(1_000, 1_400).limit).toBe(500);
  });
});

describe('covers', () => {
  it('asks for nothing beyond the end', () => {
    expect(covers({ offset: 0, limit: 100 }, 90, 120, 95)).toBe(true);
    expect(covers({ offset: 0, limit: 100 }, 90, 120, 500)).toBe(false);
  });
});

describe('shiftOf', () => {
  it('follows rows that came or went above', () => {
    expect(shiftOf(ids('a', 'b', 'c', 'd'), ids('new', 'a', 'b', 'c', 'd'), 1, 3)).toBe(1);
    expect(shiftOf(ids('a', 'b', 'c', 'd'), ids('b', 'c', 'd'), 1, 3)).toBe(-1);
    expect(shiftOf({ offset: 100, ids: ['x', 'y'] }, { offset: 75, ids: ['q', 'x', 'y'] }, 100, 101)).toBe(-24);
  });

  it('stays where it is when one row jumps, when all are shuffled, and when nothing is the same', () => {
    expect(shiftOf(ids('a', 'b', 'c', 'd'), ids('a', 'd', 'b', 'c'), 0, 3)).toBe(0);
    expect(shiftOf(ids('a', 'b', 'c', 'd'), ids('d', 'c', 'b', 'a'), 0, 3)).toBe(0);
    expect(shiftOf(ids('a', 'b'), ids('x', 'y'), 0, 1)).toBe(0);
  });

  it('counts what went away against a move', () => {
    expect(shiftOf(ids('a', 'b', 'c', 'd', 'e'), ids('n', 'a', 'b'), 0, 4)).toBe(0);
  });
});
