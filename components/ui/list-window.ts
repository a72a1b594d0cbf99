/** Rows that the server is asked for. */
export interface Span {
  offset: number;
  limit: number;
}

/** Windows begin at multiples of this, so that tabs that look at the same rows share one topic. */
const STEP = 25;
const LIMITS = [100, 200, 500] as const;

/** Rows in the first window, before anybody knows how many are seen. */
export const PAGE = LIMITS[0];

/** The window to ask for when rows `first` to `last` are seen: those, and some before and behind. */
export function windowFor(first: number, last: number): Span {
  const seen = last - first + 1;
  const limit = LIMITS.find((l) => seen <= l * 0.45) ?? LIMITS[LIMITS.length - 1] ?? PAGE;
  return { offset: Math.max(0, Math.floor((first - STEP / 2) / STEP) * STEP), limit };
}

/** Whether the window holds all rows seen of the `matched` there are. */
export const covers = (span: Span, first: number, last: number, matched: number): boolean =>
  first >= span.offset && Math.min(last, matched - 1) < span.offset + span.limit;

/** A window of ids: the row `offset + i` is `ids[i]`. */
export interface IdWindow {
  offset: number;
  ids: readonly string[];
}

/**
 * By how many rows the rows that are seen (`first` to `last`) have moved from one answer to the next, when most of them have
 * moved alike: rows came or went above them. The view follows, so that what one reads stays where it is. Otherwise 0.
 */
export function shiftOf(before: IdWindow, after: IdWindow, first: number, last: number): number {
  const now = new Map(after.ids.map((id, i) => [id, after.offset + i]));
  const votes = new Map<number, number>();
  let seen = 0;
  for (let index = first; index <= last; index += 1) {
    const id = before.ids[index - before.offset];
    if (id === undefined) continue;
    seen += 1;
    const at = now.get(id);
    if (at !== undefined) votes.set(at - index, (votes.get(at - index) ?? 0) + 1);
  }
  for (const [shift, count] of votes) if (count * 2 > seen) return shift;
  return 0;
}
