import type { Pagination } from '@/gen/v1/misc/common';

/**
 * One page of a list. The token is an offset; with `maxEntries` 0 the page is empty and the token stays where it was,
 * which is an endless loop for a careless client, as upstream has it (wire facts, 6).
 */
export function pageOf<T>(
  all: readonly T[] | Paged<T>,
  pagination: Pagination | undefined,
  total = 'size' in all ? all.size : all.length,
): { entries: T[]; nextToken: bigint | undefined } {
  if (pagination === undefined) return { entries: 'size' in all ? all.values() : [...all], nextToken: undefined };
  const start = pagination.startingToken;
  const end = start + pagination.maxEntries;
  const count = Number(pagination.maxEntries);
  return {
    entries: 'size' in all ? all.page(Number(start), count) : all.slice(Number(start), Number(end)),
    nextToken: end < BigInt(total) ? end : undefined,
  };
}

/** A long list of which only the page is copied. */
interface Paged<T> {
  readonly size: number;
  values(): T[];
  page(start: number, count: number): T[];
}
