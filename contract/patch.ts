/**
 * Structural patches between two JSON values, for the live stream. An array whose elements are objects with a unique
 * `id` is patched by id, so that one changed row of a window costs one row; other arrays and scalars are replaced.
 *
 * - `['=', value]`                      replace
 * - `['s', values]`                     object: these keys have these values now
 * - `['o', changed, removed?]`          object: patches by key, keys taken out
 * - `['a', order | 0, changed]`         array by id: the order of ids (0: as before), patches by id; a new id carries `['=', row]`
 * - `['w', drop, keep, tail]`           array as a window that moved on: `keep` elements after the first `drop`, then `tail`
 */
export type Patch =
  | ['=', unknown]
  | ['s', Record<string, unknown>]
  | ['o', Record<string, Patch>, string[]?]
  | ['a', string[] | 0, Record<string, Patch>]
  | ['w', number, number, unknown[]];

type Json = Record<string, unknown>;

const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v);

/** Ids of an array of objects with unique string ids; undefined when it is anything else. Empty arrays have no ids to patch by. */
function idsOf(list: readonly unknown[]): string[] | undefined {
  if (list.length === 0) return undefined;
  const ids: string[] = [];
  for (const item of list) {
    if (!isObject(item) || typeof item.id !== 'string') return undefined;
    ids.push(item.id);
  }
  return new Set(ids).size === ids.length ? ids : undefined;
}

/** The patch that turns `before` into `after`, or undefined when they are equal. Both are JSON values. */
export function diff(before: unknown, after: unknown): Patch | undefined {
  if (Object.is(before, after)) return undefined;
  if (Array.isArray(before) && Array.isArray(after)) return diffArrays(before, after);
  if (isObject(before) && isObject(after)) return diffObjects(before, after);
  return ['=', after];
}

function diffObjects(before: Json, after: Json): Patch | undefined {
  // A null prototype: keys come from label maps, where `__proto__` is a legal key.
  const changed: Record<string, Patch> = Object.create(null);
  const removed = Object.keys(before).filter((k) => !Object.hasOwn(after, k));
  for (const key of Object.keys(after)) {
    const patch = Object.hasOwn(before, key) ? diff(before[key], after[key]) : (['=', after[key]] satisfies Patch);
    if (patch) changed[key] = patch;
  }
  if (removed.length > 0) return ['o', changed, removed];
  const patches = Object.entries(changed);
  if (patches.length === 0) return undefined;
  const values: Record<string, unknown> = Object.create(null); // as above
  for (const [key, patch] of patches) {
    if (patch[0] !== '=') return ['o', changed];
    values[key] = patch[1];
  }
  return ['s', values];
}

function diffArrays(before: unknown[], after: unknown[]): Patch | undefined {
  const oldIds = idsOf(before);
  const newIds = idsOf(after);
  if (!oldIds || !newIds) return equal(before, after) ? undefined : moved(before, after);
  const old = new Map(oldIds.map((id, i) => [id, before[i]]));
  const changed: Record<string, Patch> = Object.create(null);
  newIds.forEach((id, i) => {
    const patch = old.has(id) ? diff(old.get(id), after[i]) : (['=', after[i]] satisfies Patch);
    if (patch) changed[id] = patch;
  });
  const sameOrder = oldIds.length === newIds.length && oldIds.every((id, i) => id === newIds[i]);
  if (sameOrder && Object.keys(changed).length === 0) return undefined;
  return ['a', sameOrder ? 0 : newIds, changed];
}

const MAX_MOVE = 16;

/** A time series loses points in front and gains some behind: that costs the new points, not the series. */
function moved(before: readonly unknown[], after: unknown[]): Patch {
  let best = { drop: 0, keep: 0 };
  for (let drop = 0; drop <= Math.min(MAX_MOVE, before.length - 1); drop += 1) {
    let keep = 0;
    while (drop + keep < before.length && keep < after.length && Object.is(before[drop + keep], after[keep])) keep += 1;
    if (keep > best.keep) best = { drop, keep };
  }
  return best.keep >= 8 && best.keep * 2 >= after.length
    ? ['w', best.drop, best.keep, after.slice(best.keep)]
    : ['=', after];
}

/** Whether two JSON values are the same. */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((v, i) => equal(v, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((k) => Object.hasOwn(b, k) && equal(a[k], b[k]));
}

/** Applies a patch made by `diff`; unchanged parts are shared with `before`. Throws when the patch does not fit `before`. */
export function applyPatch(before: unknown, patch: Patch): unknown {
  switch (patch[0]) {
    case '=':
      return patch[1];
    case 's': {
      if (!isObject(before)) throw new Error('patch: an object was expected');
      return Object.fromEntries([...Object.entries(before), ...Object.entries(patch[1])]);
    }
    case 'o': {
      if (!isObject(before)) throw new Error('patch: an object was expected');
      const out = new Map(Object.entries(before));
      for (const key of patch[2] ?? []) out.delete(key);
      for (const [key, p] of Object.entries(patch[1])) out.set(key, applyPatch(before[key], p));
      // fromEntries defines own properties, so a `__proto__` key stays data.
      return Object.fromEntries(out);
    }
    case 'w': {
      const [, drop, keep, tail] = patch;
      if (!Array.isArray(before) || before.length < drop + keep) throw new Error('patch: a longer array was expected');
      return [...before.slice(drop, drop + keep), ...tail];
    }
    case 'a': {
      if (!Array.isArray(before)) throw new Error('patch: an array was expected');
      const old = new Map(before.map((item) => [isObject(item) ? item.id : undefined, item]));
      const order = patch[1] === 0 ? [...old.keys()] : patch[1];
      return order.map((id) => {
        const p = typeof id === 'string' && Object.hasOwn(patch[2], id) ? patch[2][id] : undefined;
        if (p) return applyPatch(old.get(id), p);
        if (!old.has(id)) throw new Error('patch: an unknown id');
        return old.get(id);
      });
    }
  }
}
