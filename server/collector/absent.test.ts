import { describe, expect, it } from 'vitest';
import { err, ok, type Result } from '@/server/upstream/result';
import { confirmAbsent } from './absent';

const items = (...ids: string[]) => new Map(ids.map((id) => [id, `old ${id}`]));
const failed: Result<string | undefined> = err({
  source: 'agent-core',
  kind: 'Unavailable',
  message: '',
  retryable: true,
  outcome: 'failed',
});
const many = Array.from({ length: 40 }, (_, i) => `v${i}`);

describe('entries that a paged list does not show any more', () => {
  it('are asked for one by one when they are few: hidden ones stay, deleted ones go', async () => {
    const got = await confirmAbsent(items('a', 'b', 'c'), items('a'), new Set(), {
      isPaged: true,
      ask: async (id) => ok(id === 'b' ? 'new b' : undefined),
    });
    expect([...got.items]).toEqual([
      ['a', 'old a'],
      ['b', 'new b'],
    ]);
  });

  it('stay when nobody can say', async () => {
    const got = await confirmAbsent(items('a', 'b'), items('a'), new Set(), { isPaged: true, ask: async () => failed });
    expect([...got.items.keys()]).toEqual(['a', 'b']);
  });

  it('are gone when two passes miss them, when they are many', async () => {
    const options = { isPaged: true, ask: async () => failed };
    const first = await confirmAbsent(items('a', ...many), items('a'), new Set(), options);
    expect(first.items.size).toBe(41);
    const second = await confirmAbsent(first.items, items('a', 'v3'), first.doubted, options);
    expect([...second.items.keys()]).toEqual(['a', 'v3']);
  });

  it('are gone at once from a list of one page, and there is nothing to ask of the first reading', async () => {
    const ask = async () => {
      throw new Error('nobody is to be asked');
    };
    expect((await confirmAbsent(items('a', 'b'), items('a'), new Set(), { isPaged: false, ask })).items.size).toBe(1);
    expect((await confirmAbsent(undefined, items('a'), new Set(), { isPaged: true, ask })).items.size).toBe(1);
  });
});
