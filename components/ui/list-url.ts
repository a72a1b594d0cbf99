export type Density = 'comfortable' | 'compact';

/** What a list shows and where, as its address says it. */
export interface ListPlace {
  q: string;
  sort: string;
  /** The first row seen; 0 is the top. */
  offset: number;
  /** Id of the row that the link is about: it is scrolled to and marked. */
  row: string | undefined;
  /** Columns as `parseColumns` reads them; empty: the usual ones. */
  cols: string;
  density: Density;
}

export type PlaceChange = Partial<ListPlace>;

/** Reads a list's place from a query; what cannot be read counts as absent. */
export function readPlace(params: Pick<URLSearchParams, 'get'>, defaultSort: string): ListPlace {
  const sort = params.get('sort') ?? '';
  const offset = params.get('offset') ?? '';
  return {
    q: (params.get('q') ?? '').slice(0, 512),
    sort: /^-?[a-z][a-z-]{0,31}(,-?[a-z][a-z-]{0,31}){0,3}$/.test(sort) ? sort : defaultSort,
    offset: /^\d{1,7}$/.test(offset) ? Number(offset) : 0,
    row: params.get('row')?.slice(0, 256) || undefined,
    cols: (params.get('cols') ?? '').slice(0, 512),
    density: params.get('density') === 'compact' ? 'compact' : 'comfortable',
  };
}

/**
 * The query after a change, without what is the default anyway; parameters of others stay. Another filter or order begins at
 * the top, without a marked row.
 */
export function changedQuery(query: string, change: PlaceChange, defaultSort: string): string {
  const out = new URLSearchParams(query);
  const before = readPlace(out, defaultSort);
  const isOtherList =
    (change.q !== undefined && change.q !== before.q) || (change.sort !== undefined && change.sort !== before.sort);
  const next: ListPlace = { ...before, ...(isOtherList ? { offset: 0, row: undefined } : {}), ...change };
  const set = (key: string, value: string) => (value === '' ? out.delete(key) : out.set(key, value));
  set('q', next.q);
  set('sort', next.sort === defaultSort ? '' : next.sort);
  set('offset', next.offset > 0 ? String(next.offset) : '');
  set('row', next.row ?? '');
  set('cols', next.cols);
  set('density', next.density === 'compact' ? 'compact' : '');
  return out.toString();
}

/** What a saved view keeps of a query: all but the place in the list. */
export function viewQuery(query: string, defaultSort: string): string {
  return changedQuery(query, { offset: 0, row: undefined }, defaultSort);
}
