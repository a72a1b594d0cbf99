import { expect, it } from 'vitest';
import { nameRefusal, readViews, withView, writeViews } from './saved-views';

function memory(start: Record<string, string> = {}) {
  const kept = new Map(Object.entries(start));
  return { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v) };
}

it('keeps views by name, list by list', () => {
  const storage = memory();
  const one = withView([], { name: ' degraded ', query: 'q=status:degraded' });
  expect(writeViews('volumes', withView(one, { name: 'big', query: 'sort=-size' }), storage)).toBe(true);
  expect(readViews('volumes', storage)).toEqual([
    { name: 'big', query: 'sort=-size' },
    { name: 'degraded', query: 'q=status:degraded' },
  ]);
  expect(readViews('pools', storage)).toEqual([]);
});

it('replaces the view of the same name', () => {
  const views = withView(withView([], { name: 'a', query: 'q=1' }), { name: 'a', query: 'q=2' });
  expect(views).toEqual([{ name: 'a', query: 'q=2' }]);
});

it('takes foreign and broken storage for no views, and says when nothing can be kept', () => {
  expect(readViews('volumes', memory({ 'mc-views:volumes': '{"a":1}' }))).toEqual([]);
  expect(readViews('volumes', memory({ 'mc-views:volumes': '[{"name":7},{"name":"ok","query":""},null]' }))).toEqual([
    { name: 'ok', query: '' },
  ]);
  expect(readViews('volumes', memory({ 'mc-views:volumes': '[' }))).toEqual([]);
  const blocked = {
    setItem: () => {
      throw new Error('blocked');
    },
  };
  expect(writeViews('volumes', [], blocked)).toBe(false);
});

it('says which names cannot be', () => {
  expect(nameRefusal('  ')).toMatch(/name/);
  expect(nameRefusal('x'.repeat(61))).toMatch(/60/);
  expect(nameRefusal('fine')).toBeUndefined();
});
