/** Lets other work run between the items of a long list. */
export async function* paced<T>(items: readonly T[]): AsyncGenerator<T> {
  let index = 0;
  for (const item of items) {
    if (++index % 250 === 0) await new Promise((resolve) => setImmediate(resolve));
    yield item;
  }
}
