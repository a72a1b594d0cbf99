import type { Result } from '@/server/upstream/result';

/** So many that are missing are looked for one by one; more than that wait for a second pass. */
const MOST_ASKED = 16;

export interface Absence<T> {
  items: ReadonlyMap<string, T>;
  /** Missing from this pass alone: gone when the next one misses them, too. */
  doubted: ReadonlySet<string>;
}

/**
 * What a pass over an offset-paged list says of entries that were there before and are missing now. An entry that was deleted
 * while the pages came shifts all behind it by one, so that one that exists falls between two pages (wire facts, 6). Few
 * are asked for again; of many, those that two passes in a row miss are gone. A list of one page cannot hide anything.
 */
export async function confirmAbsent<T>(
  before: ReadonlyMap<string, T> | undefined,
  next: ReadonlyMap<string, T>,
  doubted: ReadonlySet<string>,
  options: { isPaged: boolean; ask?: (id: string) => Promise<Result<T | undefined>> },
): Promise<Absence<T>> {
  const missing = options.isPaged ? [...(before ?? [])].filter(([id]) => !next.has(id)) : [];
  const unsure = missing.filter(([id]) => !doubted.has(id));
  if (unsure.length === 0) return { items: next, doubted: new Set() };
  const { ask } = options;
  if (!ask || unsure.length > MOST_ASKED)
    return { items: new Map([...next, ...unsure]), doubted: new Set(unsure.map(([id]) => id)) };
  const items = new Map(next);
  await Promise.all(
    unsure.map(async ([id, known]) => {
      const reply = await ask(id);
      // What cannot be asked for now stays as it was, and is missing again in the next pass.
      if (!reply.ok) items.set(id, known);
      else if (reply.value !== undefined) items.set(id, reply.value);
    }),
  );
  return { items, doubted: new Set() };
}
