/** A filter, order and choice of columns under a name, kept in this browser. */
export interface SavedView {
  name: string;
  /** As in the address, without `?`. */
  query: string;
}

const MOST = 50;
const LONGEST_NAME = 60;
const key = (list: string) => `mc-views:${list}`;

const isView = (v: unknown): v is SavedView =>
  typeof v === 'object' &&
  v !== null &&
  'name' in v &&
  typeof v.name === 'string' &&
  v.name !== '' &&
  'query' in v &&
  typeof v.query === 'string' &&
  v.query.length <= 2048;

/** The views of a list by name; none when storage is blocked or holds something else. */
export function readViews(list: string, storage: Pick<Storage, 'getItem'>): SavedView[] {
  try {
    const value: unknown = JSON.parse(storage.getItem(key(list)) ?? '[]');
    return Array.isArray(value) ? value.filter(isView).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

/** Why a view cannot be kept under this name; undefined when it can. */
export function nameRefusal(name: string): string | undefined {
  if (name.trim() === '') return 'Give it a name.';
  return name.trim().length > LONGEST_NAME ? `A name has at most ${LONGEST_NAME} characters.` : undefined;
}

/** The views with this one, in place of another of its name. */
export function withView(views: readonly SavedView[], view: SavedView): SavedView[] {
  const kept = { ...view, name: view.name.trim() };
  return [...views.filter((v) => v.name !== kept.name), kept]
    .sort((a, b) => a.name.localeCompare(b.name))
    .slice(0, MOST);
}

/** Keeps the views; false when this browser keeps nothing. */
export function writeViews(list: string, views: readonly SavedView[], storage: Pick<Storage, 'setItem'>): boolean {
  try {
    storage.setItem(key(list), JSON.stringify(views));
    return true;
  } catch {
    return false;
  }
}
