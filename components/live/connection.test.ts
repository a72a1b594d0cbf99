import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveConnection } from './connection';

/** A stream in the test's hands. */
class FakeSource {
  private readonly listeners = new Map<string, Array<(event: MessageEvent<string>) => void>>();
  static all: FakeSource[] = [];
  isClosed = false;
  onerror: (() => void) | null = null;

  constructor(readonly url: string) {
    FakeSource.all.push(this);
  }

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void) {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  close() {
    this.isClosed = true;
  }

  send(type: string, data: unknown = {}) {
    const event = new MessageEvent(type, { data: typeof data === 'string' ? data : JSON.stringify(data) });
    for (const listener of this.listeners.get(type) ?? []) listener(event);
  }

  static get last(): FakeSource {
    const source = FakeSource.all.at(-1);
    if (!source) throw new Error('no stream was opened');
    return source;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSource.all = [];
});
afterEach(() => {
  vi.useRealTimers();
});

function opened(...topics: string[]) {
  const got: Array<[string, unknown]> = [];
  const connection = new LiveConnection(
    'default',
    (topic, value) => got.push([topic, value]),
    (url) => new FakeSource(url),
  );
  for (const topic of topics) connection.watch(topic);
  connection.start();
  vi.advanceTimersByTime(100);
  FakeSource.last.send('hello', { version: '1' });
  return { connection, got };
}

describe('the live connection', () => {
  it('opens one stream for all topics on screen, and another when they change', () => {
    const { connection } = opened('volumes', 'summary');
    expect(FakeSource.all).toHaveLength(1);
    expect(FakeSource.last.url).toBe('/api/v1/clusters/default/events?topic=summary&topic=volumes');
    const leave = connection.watch('nodes');
    vi.advanceTimersByTime(100);
    expect(FakeSource.all).toHaveLength(2);
    expect(FakeSource.all[0]?.isClosed).toBe(true);
    leave();
    vi.advanceTimersByTime(100);
    expect(FakeSource.last.url).not.toContain('nodes');
  });

  it('applies a patch to the value it is meant for', () => {
    const { got } = opened('volumes');
    FakeSource.last.send('topic', { topic: 'volumes', revision: 1, data: { total: 3, rows: [] } });
    FakeSource.last.send('patch', { topic: 'volumes', from: 1, revision: 2, patch: ['o', { total: ['=', 4] }] });
    expect(got.at(-1)).toEqual(['volumes', { total: 4, rows: [] }]);
  });

  it('starts anew when a patch is missing in between, instead of showing a mixture', () => {
    const { connection, got } = opened('volumes');
    FakeSource.last.send('topic', { topic: 'volumes', revision: 1, data: { total: 3 } });
    FakeSource.last.send('patch', { topic: 'volumes', from: 2, revision: 3, patch: ['o', { total: ['=', 9] }] });
    expect(got.at(-1)).toEqual(['volumes', { total: 3 }]);
    expect(connection.state.kind).toBe('offline');
    vi.advanceTimersByTime(10_000);
    expect(FakeSource.all).toHaveLength(2);
  });

  it('takes a cut-off event for nothing', () => {
    const { connection, got } = opened('volumes');
    FakeSource.last.send('topic', '{"topic":"volu');
    expect(got).toEqual([]);
    expect(connection.state.kind).toBe('live');
  });

  it('notices a dead stream by its silence, and says since when and when it tries again', () => {
    const { connection } = opened('volumes');
    vi.advanceTimersByTime(20_000);
    FakeSource.last.send('ping');
    vi.advanceTimersByTime(20_000);
    expect(connection.state.kind).toBe('live');
    vi.advanceTimersByTime(6_000);
    const { state } = connection;
    if (state.kind !== 'offline') throw new Error(state.kind);
    expect(state.since).toBe(Date.now() - 1_000);
    expect(state.nextTryAt).toBeGreaterThan(Date.now() - 1_000);
  });

  it('waits longer from try to try, and never longer than ten seconds or so', () => {
    const { connection } = opened('volumes');
    FakeSource.last.onerror?.();
    const since = connection.state.kind === 'offline' ? connection.state.since : undefined;
    for (let i = 0; i < 12; i++) {
      const { state } = connection;
      if (state.kind !== 'offline') throw new Error(state.kind);
      expect(state.since).toBe(since);
      expect(state.nextTryAt - Date.now()).toBeLessThanOrEqual(10_250);
      vi.advanceTimersByTime(state.nextTryAt - Date.now() + 1);
      FakeSource.last.onerror?.();
    }
    expect(FakeSource.all.length).toBe(13);
  });

  it('knows that the console was upgraded under the page', () => {
    const { connection } = opened('volumes');
    expect(connection.isUpgraded).toBe(false);
    FakeSource.last.onerror?.();
    vi.advanceTimersByTime(1_000);
    FakeSource.last.send('hello', { version: '2' });
    expect(connection.isUpgraded).toBe(true);
  });

  it('costs nothing when it is stopped', () => {
    const { connection } = opened('volumes');
    connection.stop();
    expect(FakeSource.last.isClosed).toBe(true);
    vi.advanceTimersByTime(60_000);
    expect(FakeSource.all).toHaveLength(1);
  });

  it('keeps what the stream brought while a slower and older answer was under way', async () => {
    const { connection } = opened('operations/1');
    const answers: Array<(state: string) => void> = [];
    const ask = () => connection.newest('operations/1', () => new Promise((resolve) => answers.push(resolve)));
    const overtaken = ask();
    FakeSource.last.send('topic', { topic: 'operations/1', revision: 1, data: 'succeeded' });
    answers[0]?.('running');
    expect(await overtaken).toBe('succeeded');
    // Nothing came meanwhile: the answer is the newest.
    const alone = ask();
    answers[1]?.('asked again');
    expect(await alone).toBe('asked again');
    const failing = connection.newest('operations/1', () => Promise.reject(new Error('away')));
    await expect(failing).rejects.toThrow('away');
  });
});
