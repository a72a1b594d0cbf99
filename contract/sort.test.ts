import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSort, pressSort, printSort } from './sort';

const columns = ['name', 'size', 'status'];

describe('sort', () => {
  it.each([
    ['', []],
    ['name', [{ column: 'name', descending: false }]],
    [
      'status,-size',
      [
        { column: 'status', descending: false },
        { column: 'size', descending: true },
      ],
    ],
  ])('%s', (text, keys) => expect(parseSort(text, columns)).toEqual({ ok: true, keys }));

  it.each([
    ['nope', 0],
    ['-nope', 1],
    ['name,', 5],
    ['name,-', 6],
    ['name,-name', 6],
    [',', 0],
  ])('points at the offending character of %s', (text, at) => {
    const got = parseSort(text, columns);
    expect(got.ok ? undefined : got.error.at).toBe(at);
  });

  it('reads back what it prints, and never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.constantFrom('a', '-', ',', 'b')).map((x) => x.join('')),
        ),
        (text) => {
          const got = parseSort(text);
          if (got.ok) expect(printSort(got.keys)).toBe(text);
        },
      ),
    );
  });

  it('turns the column that is pressed, and keeps the others with Shift', () => {
    expect(pressSort('name', 'size', false)).toBe('size');
    expect(pressSort('size', 'size', false)).toBe('-size');
    expect(pressSort('-size', 'size', false)).toBe('size');
    expect(pressSort('status', 'size', true)).toBe('status,size');
    expect(pressSort('status,size', 'status', true)).toBe('-status,size');
    expect(pressSort('a,b,c,d', 'e', true)).toBe('a,b,c,e');
  });
});
