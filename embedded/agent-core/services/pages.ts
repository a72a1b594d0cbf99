import type { Pagination } from '@/gen/v1/misc/common';

/**
 * One page of a list. The token is an offset; with `maxEntries` 0 the page is empty and the token stays where it was,
 * which is an endless loop for a careless client, as upstream has it (wire facts, 6).
 */
export function pageOf<T>(
  all: readonly T[],
  pagination: Pagination | undefined,
  total = all.length,
): { entries: T[]; nextToken: bigint | undefined } {
  if (pagination === undefined) return { entries: [...all], nextToken: undefined };
  const start = pagination.startingToken;
  const end = start + pagination.maxEntries;
  return {
    entries: all.slice(Number(start), Number(end)),
    nextToken: end < BigInt(total) ? end : undefined,
  };
}
