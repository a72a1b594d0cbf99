import { expect, it } from 'vitest';
import { PollPace } from './node-watch';

it('polls at each period what can be read in it, and less often what is more', () => {
  const polls = (entries: number, periods: number) => {
    const pace = new PollPace(10_000);
    let read = 0;
    let count = 0;
    for (let i = 0; i < periods; i += 1) {
      if (!pace.mayRead(3_000, read)) continue;
      read += entries;
      count += 1;
    }
    return count;
  };
  expect(polls(0, 100)).toBe(100);
  expect(polls(30_000, 100)).toBe(100);
  expect(polls(60_000, 100)).toBe(50);
  expect(polls(300_000, 100)).toBe(10);
});
