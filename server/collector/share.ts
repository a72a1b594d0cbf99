/** Whether two upstream values say the same. Knows plain objects, arrays, Maps, bigint; NaN equals NaN. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
  if (a instanceof Map) return b instanceof Map && sameEntries(a, b);
  if (Array.isArray(b) || b instanceof Map) return false;
  return sameFields(a, b);
}

function sameEntries(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (!b.has(key) || !sameValue(value, b.get(key))) return false;
  return true;
}

function sameFields(a: object, b: object): boolean {
  const left = a as Record<string, unknown>; // only own enumerable fields are looked at
  const right = b as Record<string, unknown>;
  const keys = Object.keys(left);
  // An absent field and one that is undefined say the same, so the counts may differ.
  for (const key of keys) if (!sameValue(left[key], right[key])) return false;
  for (const key of Object.keys(right)) if (right[key] !== undefined && !Object.hasOwn(left, key)) return false;
  return true;
}

/** `next`, or `before` when they say the same: what did not change keeps its identity. */
export function shared<T>(before: T | undefined, next: T): T {
  return before !== undefined && sameValue(before, next) ? before : next;
}

/** Like `shared`, entry by entry: unchanged entries keep their identity, and so does the whole map when all do. */
export function sharedMap<K, V>(before: ReadonlyMap<K, V> | undefined, next: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  const steps = sharing(before, next);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Like `sharedMap` for large maps: lets other work in between every thousand entries. */
export async function sharedLargeMap<K, V>(
  before: ReadonlyMap<K, V> | undefined,
  next: ReadonlyMap<K, V>,
): Promise<ReadonlyMap<K, V>> {
  const steps = sharing(before, next);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await new Promise<void>((resume) => setImmediate(resume));
  }
}

const ENTRIES_PER_STEP = 1_000;

function* sharing<K, V>(
  before: ReadonlyMap<K, V> | undefined,
  next: ReadonlyMap<K, V>,
): Generator<void, ReadonlyMap<K, V>> {
  if (!before) return next;
  let same = before.size === next.size;
  const out = new Map<K, V>();
  for (const [key, value] of next) {
    const kept = shared(before.get(key), value);
    out.set(key, kept);
    if (same && kept !== before.get(key)) same = false;
    if (out.size % ENTRIES_PER_STEP === 0) yield;
  }
  return same ? before : out;
}
