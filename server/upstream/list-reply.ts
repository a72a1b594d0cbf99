import { BinaryReader } from '@bufbuild/protobuf/wire';
import { ReplyError } from '@/gen/v1/misc/common';
import { err, ok, type Result } from './result';

/** A list reply of agent-core, taken apart; the arms are those of its `oneof`. */
export interface ListReply<T> {
  reply?: { $case: 'list'; value: { entries: T[]; nextToken?: bigint } } | { $case: 'error'; value: ReplyError };
}

/** So long may decoding hold up everything else; then it lets other work in between. */
const SLICE_MS = 8;
const ENTRIES_PER_LOOK = 32;

/** The numbers of the wire: both arms of the reply, the entries of the list, and the token of the next page. */
const FIELD = { list: 1, error: 2, entry: 1, token: 3 } as const;

/**
 * Decodes a list reply bit by bit. The generated decoder takes 22,000 replicas in one go and blocks the process for 100 ms and
 * more; a worker would have to send the same objects back, which costs the main thread as much as decoding them.
 * `take` decodes one entry; undefined leaves it out.
 */
export async function decodeListReply<T>(
  bytes: Uint8Array,
  take: (entry: Uint8Array) => T | undefined,
): Promise<Result<ListReply<T>>> {
  try {
    const outer = new BinaryReader(bytes);
    let reply: ListReply<T> = {};
    while (outer.pos < outer.len) {
      const tag = outer.uint32();
      if (tag === lengthDelimited(FIELD.list)) {
        reply = { reply: { $case: 'list', value: await decodeEntries(outer.bytes(), take) } };
      } else if (tag === lengthDelimited(FIELD.error)) {
        reply = { reply: { $case: 'error', value: ReplyError.decode(outer.bytes()) } };
      } else outer.skip(tag & 7);
    }
    return ok(reply);
  } catch (error) {
    const message = `agent-core sent a reply that cannot be read: ${error instanceof Error ? error.message : 'unknown'}`;
    return err({ source: 'agent-core', kind: 'Internal', message, retryable: false, outcome: 'unknown' });
  }
}

const lengthDelimited = (field: number): number => (field << 3) | 2;

async function decodeEntries<T>(
  bytes: Uint8Array,
  take: (entry: Uint8Array) => T | undefined,
): Promise<{ entries: T[]; nextToken?: bigint }> {
  const reader = new BinaryReader(bytes);
  const entries: T[] = [];
  let nextToken: bigint | undefined;
  let begun = performance.now();
  for (let n = 1; reader.pos < reader.len; n += 1) {
    const tag = reader.uint32();
    if (tag === lengthDelimited(FIELD.entry)) {
      const entry = take(reader.bytes());
      if (entry !== undefined) entries.push(entry);
    } else if (tag === FIELD.token << 3) nextToken = BigInt(reader.uint64());
    else reader.skip(tag & 7);
    if (n % ENTRIES_PER_LOOK === 0 && performance.now() - begun > SLICE_MS) {
      await new Promise<void>((resume) => setImmediate(resume));
      begun = performance.now();
    }
  }
  return { entries, ...(nextToken === undefined ? {} : { nextToken }) };
}
