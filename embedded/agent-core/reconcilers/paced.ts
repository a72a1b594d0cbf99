const AT_ONCE = 250;

/** Those of a long list that `isDue`, looked at in parts between which other work may run. */
export async function due<T>(items: readonly T[], isDue: (item: T) => boolean): Promise<T[]> {
  const found: T[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve));
    const end = Math.min(items.length, at + AT_ONCE);
    for (let i = at; i < end; i++) {
      const item = items[i] as T; // within the list
      if (isDue(item)) found.push(item);
    }
  }
  return found;
}
