import type { StatusSince } from '@/server/model/snapshot';

/**
 * Since when each object has its status, as far as this console watched. `seen` are the statuses read now under one
 * prefix (`volume:`); objects that are no longer there are dropped. The same map comes back when nothing changed.
 */
export function trackSince(
  before: ReadonlyMap<string, StatusSince>,
  prefix: string,
  seen: ReadonlyMap<string, string>,
  at: number,
): ReadonlyMap<string, StatusSince> {
  let next: Map<string, StatusSince> | undefined;
  const edit = () => {
    next ??= new Map(before);
    return next;
  };
  for (const [id, status] of seen) {
    const key = `${prefix}${id}`;
    const known = before.get(key);
    if (!known) edit().set(key, { status });
    else if (known.status !== status) edit().set(key, { status, since: at });
  }
  for (const key of before.keys()) {
    if (key.startsWith(prefix) && !seen.has(key.slice(prefix.length))) edit().delete(key);
  }
  return next ?? before;
}
