import { afterEach, describe, expect, it, vi } from 'vitest';
import { pageNow, setPageClock } from './page-clock';

afterEach(() => vi.useRealTimers());

describe('the clock of a page', () => {
  it('is the browser’s until the console has told its own, and goes on from there whatever the browser’s does', () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 2), toFake: ['Date', 'performance'] });
    expect(pageNow()).toBe(Date.UTC(2026, 0, 2));
    const server = Date.UTC(2026, 0, 1);
    setPageClock(server);
    vi.advanceTimersByTime(5_000);
    expect(pageNow()).toBe(server + 5_000);
    vi.setSystemTime(Date.UTC(2030, 0, 1));
    expect(pageNow()).toBe(server + 5_000);
    setPageClock(Number.NaN);
    expect(pageNow()).toBe(server + 5_000);
  });
});
