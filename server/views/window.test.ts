import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExportQuery, ListQuery } from '@/contract/list';
import { NODE_LIST, POOL_LIST, REBUILD_LIST, REPLICA_LIST, SNAPSHOT_LIST, VOLUME_LIST } from '@/contract/lists';
import { ReplicaWindow } from '@/contract/replica';
import { csvCell, exportOver } from './export';
import { testSnapshot, volumeId } from './fixtures.test-support';
import { naturalKey } from './natural';
import { sorted } from './order';
import { replicaRows, replicasView } from './replicas';
import { volumeRows } from './volume-row';
import { volumeRules, volumesView } from './volumes';

const GIB = 1n << 30n;
const volumes = Array.from({ length: 30 }, (_, i) => ({
  n: i,
  on: [1, 2],
  target: i % 3 === 0 ? 2 : 1,
  model: { labels: new Map([['name', `vol-${i}`]]), sizeBytes: BigInt(1 + (i % 3)) * GIB },
}));
const s = testSnapshot({ volumes });
const query = (q: Partial<ListQuery> = {}) => ListQuery.parse(q);
const window = (q: Partial<ListQuery> = {}) => {
  const got = volumesView(s, query(q));
  if (!got.ok) throw new Error(got.failure.detail);
  return got.value;
};
const names = (q: Partial<ListQuery> = {}) => window(q).rows.map((r) => r.name);

describe('a window of a list', () => {
  it('sorts by several columns, each in its own direction, ties by id', () => {
    expect(names({ sort: '-size,name', limit: 4 })).toEqual(['vol-2', 'vol-5', 'vol-8', 'vol-11']);
    expect(names({ sort: 'size,-name', limit: 3 })).toEqual(['vol-27', 'vol-24', 'vol-21']);
    expect(names({ sort: 'node,-size,-name', limit: 2 })).toEqual(['vol-29', 'vol-26']);
  });

  it('says where an unreadable filter or order is wrong', () => {
    const at = (q: Partial<ListQuery>) => {
      const got = volumesView(s, query(q));
      return got.ok ? undefined : got.failure.fields?.[0];
    };
    expect(at({ q: 'size>10 nope:1' })).toMatchObject({ path: 'q', at: 8 });
    expect(at({ sort: 'name,-nope' })).toMatchObject({ path: 'sort', at: 6 });
  });

  it('keeps the place of a row wherever it has moved', () => {
    const id = volumeId(20);
    const byName = window({ around: id, limit: 10, before: 3 });
    expect(byName.anchor).toEqual({ id, index: 20 });
    expect(byName.offset).toBe(17);
    expect(byName.rows[3]?.id).toBe(id);
    const turned = window({ around: id, limit: 10, before: 3, sort: '-name' });
    expect(turned.anchor).toEqual({ id, index: 9 });
    expect(turned.rows[3]?.id).toBe(id);
    expect(window({ around: volumeId(29), limit: 10 }).rows).toHaveLength(10);
    expect(window({ around: volumeId(1), limit: 10 }).offset).toBe(0);
  });

  it('falls back to the offset when the row is gone or filtered out', () => {
    expect(window({ around: volumeId(20), offset: 5, limit: 10, q: '-name:vol-20' })).toMatchObject({
      anchor: null,
      offset: 5,
      matched: 29,
    });
    expect(window({ around: 'gone', offset: 5 })).toMatchObject({ anchor: null, offset: 5 });
  });

  it('counts facets over the whole set, and finds what a chip with no value means', () => {
    const loose = testSnapshot({ volumes: [...volumes, { n: 99, on: [1] }] });
    const all = volumesView(loose, query({ q: 'node:""' }));
    expect(all.ok && all.value).toMatchObject({ matched: 1, facets: { node: { 'io-1': 20, 'io-2': 10, '': 1 } } });
    expect(names({ q: 'node:*' })).toHaveLength(30);
    expect(names({ q: 'name:vol-1,vol-2' })).toEqual(['vol-1', 'vol-2']);
  });

  it('is cut from the same selection for every tab', () => {
    expect(window({ q: 'vol', offset: 0 }).rows[9]).toBe(window({ q: 'vol', offset: 9 }).rows[0]);
  });
});

describe('the natural order', () => {
  it('puts numbers by value, and does not look at case or accents', () => {
    const sortedNames = ['db-10', 'Db-2', 'db', 'éa', 'eb', 'db-010'].sort((a, b) =>
      naturalKey(a) < naturalKey(b) ? -1 : 1,
    );
    expect(sortedNames).toEqual(['db', 'Db-2', 'db-10', 'db-010', 'éa', 'eb']);
  });

  it('leaves moments and UUIDs as they are', () => {
    for (const text of ['2026-11-23T12:00:00.000Z', '00000001-0000-4000-8000-000000000002']) {
      expect(naturalKey(text)).toBe(text);
    }
  });

  it('never loses a row, and puts the unknown last in both directions', () => {
    const rows = fc.array(fc.record({ id: fc.string(), x: fc.option(fc.integer()) }));
    fc.assert(
      fc.property(rows, fc.constantFrom('x', '-x'), (all, sort) => {
        const got = sorted(all, sort, { x: (r) => r.x }, (r) => r.id);
        expect(got.ok && new Set(got.rows)).toEqual(new Set(all));
        const xs = got.ok ? got.rows.map((r) => r.x) : [];
        const known = xs.filter((x) => x !== null);
        expect(xs).toEqual([...known, ...xs.filter((x) => x === null)]);
        expect(known).toEqual([...known].sort((a, b) => (sort === 'x' ? a - b : b - a)));
      }),
    );
  });
});

describe('the list of replicas', () => {
  it('has every copy of every volume, how it is and why', () => {
    const broken = testSnapshot({
      volumes: [
        { n: 1, on: [1, 2], target: 1, child: { 2: { state: 'faulted', reason: 'io-failure' } } },
        { n: 2, on: [1, 3], target: 1 },
      ],
      silent: [3],
    });
    const got = replicasView(broken, query({ sort: 'status' }));
    if (!got.ok) throw new Error(got.failure.detail);
    ReplicaWindow.parse(got.value);
    expect(got.value.rows.map((r) => [r.volume?.id, r.node, r.status])).toEqual([
      [volumeId(1), 'io-2', 'faulted'],
      [volumeId(1), 'io-1', 'online'],
      [volumeId(2), 'io-1', 'online'],
      [volumeId(2), 'io-3', 'online'],
    ]);
    expect(got.value.rows[0]?.statusReason).toMatch(/^Out of use/);
    expect(got.value.rows[1]).toMatchObject({ local: true, statusReason: null });
    // On a silent node its own figures are not known, whatever the target says of it.
    expect(got.value.rows[3]).toMatchObject({ allocatedBytes: null, io: null, observed: { stale: true } });
  });

  it('shows those that no volume names', () => {
    const [first] = s.replicas?.items.values() ?? [];
    if (!first || !s.replicas) throw new Error('the fixture has replicas');
    const orphan = { ...first, id: 'orphan' as typeof first.id };
    const withOrphan = { ...s, replicas: { ...s.replicas, items: new Map([...s.replicas.items, ['orphan', orphan]]) } };
    expect(replicaRows(withOrphan)?.find((r) => r.volume === null)).toMatchObject({ id: 'orphan', pool: first.pool });
  });
});

describe('an export', () => {
  const text = (q: Partial<ExportQuery>) => {
    const got = exportOver(volumeRows(s) ?? [], s.volumes?.at, ExportQuery.parse(q), volumeRules);
    if (!got.ok) throw new Error(got.failure.detail);
    return [...got.value.chunks].join('');
  };

  it('is CSV with the chosen columns of the whole filtered set in order', () => {
    const lines = text({ columns: 'name,size_bytes,target_node', q: 'name:vol-1*', sort: '-name' }).split('\r\n');
    expect(lines.slice(0, 3)).toEqual([
      'name,size_bytes,target_node',
      'vol-19,2147483648,io-1',
      'vol-18,1073741824,io-2',
    ]);
    expect(lines).toHaveLength(13); // header, 11 volumes, the end of the last line
  });

  it('is JSON of the same cells, and says of every row when it was read', () => {
    const rows = JSON.parse(text({ format: 'json', columns: 'name,observed_at' }));
    expect(rows).toHaveLength(30);
    expect(rows[0]).toEqual({ name: 'vol-0', observed_at: '2026-11-23T12:00:00.000Z' });
    expect(JSON.parse(text({ format: 'json', q: 'nothing-like-it' }))).toEqual([]);
  });

  it('has all columns when none is chosen, and refuses what is no column', () => {
    expect(text({}).split('\r\n')[0]).toBe(VOLUME_LIST.columns.join(','));
    expect(() => text({ columns: 'name,nope' })).toThrow('“nope” is not one of');
    expect(() => text({ columns: 'name,name' })).toThrow('twice');
  });

  it.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\nlines', '"two\nlines"'],
    ['=1+1', `"'=1+1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['-2+3', `"'-2+3"`],
    ['+cmd|x', `"'+cmd|x"`],
    [' =1', `"' =1"`],
    ['\t=1', `"'\t=1"`],
    ['\uff1d1', `"'\uff1d1"`],
    ['a=1 b=2', 'a=1 b=2'],
    [-5, '-5'],
    [null, ''],
    [true, 'true'],
  ])('writes the cell %j safely', (value, cell) => expect(csvCell(value)).toBe(cell));

  it('never begins a cell with what a spreadsheet runs, and loses nothing', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const cell = csvCell(value);
        const inner = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
        expect([value, `'${value}`]).toContain(inner);
        expect(inner).not.toMatch(/^\s*[=+\-@]/);
      }),
    );
  });
});

describe('the catalogues of lists', () => {
  it.each(Object.entries({ VOLUME_LIST, REPLICA_LIST, POOL_LIST, NODE_LIST, REBUILD_LIST, SNAPSHOT_LIST }))(
    '%s: the default order is one of its columns, every facet can be filtered by',
    (_, list) => {
      expect(list.sorts).toContain(list.defaultSort.replace(/^-/, ''));
      for (const facet of list.facets) expect(Object.keys(list.keys)).toContain(facet);
    },
  );
});
