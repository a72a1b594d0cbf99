import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedQuery, type ListPlace, readPlace, viewQuery } from './list-url';

const read = (query: string) => readPlace(new URLSearchParams(query), 'name');

describe('the place of a list in its address', () => {
  it('reads what it wrote, whatever it was', () => {
    const place = fc.record<ListPlace>({
      q: fc.string({ maxLength: 80 }),
      sort: fc.constantFrom('name', '-size', 'status,-size'),
      offset: fc.nat(9_999_999),
      row: fc.option(fc.string({ minLength: 1, maxLength: 40 }), { nil: undefined }),
      cols: fc.constantFrom('', 'name,size~120'),
      density: fc.constantFrom('comfortable', 'compact'),
    });
    fc.assert(
      fc.property(place, (p) => {
        expect(read(changedQuery('', p, 'name'))).toEqual(p);
      }),
    );
  });

  it('takes an address that somebody has spoilt for the default', () => {
    expect(read('sort=<script>&offset=-3&density=7&row=')).toEqual(read(''));
  });

  it('begins at the top for another filter or order, and only then', () => {
    const query = 'q=a&offset=300&row=r1&density=compact';
    expect(changedQuery(query, { q: 'b' }, 'name')).toBe('q=b&density=compact');
    expect(changedQuery(query, { sort: '-size' }, 'name')).toBe('q=a&density=compact&sort=-size');
    expect(read(changedQuery(query, { q: 'a', density: 'comfortable' }, 'name'))).toMatchObject({
      offset: 300,
      row: 'r1',
    });
  });

  it('leaves the parameters of others alone', () => {
    expect(changedQuery('minutes=5', { sort: 'size' }, 'name')).toBe('minutes=5&sort=size');
  });

  it('keeps everything but the place for a saved view', () => {
    expect(viewQuery('q=a&sort=size&cols=name&offset=9&row=x', 'name')).toBe('q=a&sort=size&cols=name');
  });
});
