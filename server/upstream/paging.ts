import { err, ok, type Result } from './result';

export interface Page<T> {
  entries: T[];
  /** Absent: the last page. */
  nextToken?: bigint;
}

const MAX_PAGES = 10_000;

/**
 * All entries of an offset-paged list. Pages may be short or empty and still have a next one, so the loop follows the token
 * alone, and a token that does not move is an error instead of an endless loop (wire facts, 6). Entries may repeat.
 */
export async function listPages<T>(read: (startingToken: bigint) => Promise<Result<Page<T>>>): Promise<Result<T[]>> {
  const all: T[] = [];
  let token = 0n;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const reply = await read(token);
    if (!reply.ok) return reply;
    for (const entry of reply.value.entries) all.push(entry);
    const next = reply.value.nextToken;
    if (next === undefined) return ok(all);
    if (next <= token) break;
    token = next;
  }
  return err({
    source: 'agent-core',
    kind: 'Internal',
    message: 'agent-core pages without end: its next token does not move on',
    retryable: false,
    outcome: 'failed',
  });
}
