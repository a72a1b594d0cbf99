import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveConnection } from './connection';

/** A stream in the test's hands. */
class FakeSource {
  private readonly listeners = new Map<string, Array<(event: MessageEvent<string>) => void>>();
  static all: FakeSource[] = [];
  isClosed = false;
  onerror: (() => void) | null = null;
  ongone: (() => void) | null = null;

  constructor(
    readonly url: string,
    readonly lastId?: string,
  ) {
    FakeSource.all.push(this);
  }

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void) {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  close() {
    this.isClosed = true;
  }

  send(type: string, data: unknown = {}, lastEventId = '') {
    const event = new MessageEvent(type, {
      data: typeof data === 'string' ? data : JSON.stringify(data),
      lastEventId,
    });
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
    (url, lastId) => new FakeSource(url, lastId),
  );
  for (const topic of topics) connection.watch(topic);
  connection.start();
  vi.advanceTimersByTime(100);
  FakeSource.last.send('hello', { version: '1' });
  for (const topic of topics) FakeSource.last.send('topic', { topic, revision: 0, data: null });
  got.length = 0;
  return { connection, got };
}

describe('the live connection', () => {
  it('opens one stream for all topics on screen, and another when they change', () => {
    const { connection } = opened('volumes', 'summary');
    expect(FakeSource.all).toHaveLength(1);
    expect(FakeSource.last.url).toBe('/api/v1/clusters/default/events?topic=summary&topic=volumes');
    const leave = connection.watch('nodes');
    vi.advanceTimersByTime(400);
    expect(FakeSource.all).toHaveLength(2);
    expect(FakeSource.all[0]?.isClosed).toBe(true);
    leave();
    vi.advanceTimersByTime(400);
    expect(FakeSource.last.url).not.toContain('nodes');
  });

  it('does not come back for a cluster that the console does not have', () => {
    const { connection } = opened('volumes');
    FakeSource.last.ongone?.();
    vi.advanceTimersByTime(60_000);
    expect(FakeSource.all).toHaveLength(1);
    // Not offline: then pages would ask for each topic every few seconds.
    expect(connection.state).toEqual({ kind: 'idle' });
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

  it('is catching up until every topic on screen has come, and says so after each loss', () => {
    const { connection } = opened('volumes', 'summary');
    expect(connection.state.kind).toBe('live');
    FakeSource.last.onerror?.();
    expect(connection.state.kind).toBe('offline');
    vi.advanceTimersByTime(1_000);
    FakeSource.last.send('hello', { version: '1' });
    expect(connection.state.kind).toBe('catching-up');
    FakeSource.last.send('topic', { topic: 'volumes', revision: 1, data: 1 });
    expect(connection.state.kind).toBe('catching-up');
    FakeSource.last.send('topic', { topic: 'summary', revision: 1, data: 1 });
    expect(connection.state.kind).toBe('live');
  });

  it('stays live while one scrolls, and opens one stream for where it ends', () => {
    const { connection } = opened('volumes?offset=0');
    let leave = connection.watch('volumes?offset=25');
    for (let offset = 50; offset <= 500; offset += 25) {
      vi.advanceTimersByTime(100);
      const next = connection.watch(`volumes?offset=${offset}`);
      leave();
      leave = next;
      expect(connection.state.kind).toBe('live');
    }
    vi.advanceTimersByTime(400);
    expect(FakeSource.all).toHaveLength(2);
    expect(FakeSource.last.url).toContain('offset%3D500');
  });

  it('does not mind a patch of what has left the screen', () => {
    const { connection, got } = opened('summary');
    const leave = connection.watch('volumes');
    vi.advanceTimersByTime(400);
    FakeSource.last.send('topic', { topic: 'volumes', revision: 1, data: {} });
    leave();
    got.length = 0;
    FakeSource.last.send('patch', { topic: 'volumes', from: 1, revision: 2, patch: ['=', 1] });
    expect(connection.state.kind).toBe('live');
    expect(got).toEqual([]);
  });

  it('stands still while it is paused, whatever is looked at, and catches up when it goes on', () => {
    const { connection } = opened('volumes');
    connection.pause();
    expect(FakeSource.last.isClosed).toBe(true);
    expect(connection.state).toEqual({ kind: 'paused', since: Date.now() });
    connection.stop(); // the tab is hidden
    connection.start(); // and looked at again
    connection.watch('nodes');
    vi.advanceTimersByTime(60_000);
    expect(FakeSource.all).toHaveLength(1);
    expect(connection.state.kind).toBe('paused');
    connection.resume();
    vi.advanceTimersByTime(100);
    expect(FakeSource.all).toHaveLength(2);
    expect(connection.state.kind).toBe('catching-up');
  });

  it('tries again at random moments, so that many tabs do not come back at once', () => {
    const waits = Array.from({ length: 20 }, () => {
      const { connection } = opened('volumes');
      FakeSource.last.onerror?.();
      const { state } = connection;
      connection.stop();
      return state.kind === 'offline' ? state.nextTryAt - Date.now() : 0;
    });
    expect(new Set(waits).size).toBeGreaterThan(10);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(250);
  });

  it('goes on from what it has when it comes back: hidden, lost or with other topics', () => {
    const { connection, got } = opened('volumes', 'summary');
    FakeSource.last.send('patch', { topic: 'summary', from: 0, revision: 1, patch: ['=', 'new'] }, 'id-7');
    connection.stop();
    connection.start();
    vi.advanceTimersByTime(100);
    expect(FakeSource.last.lastId).toBe('id-7');
    FakeSource.last.send('hello', { version: '1', resumed: ['volumes', 'summary'] }, 'id-7');
    expect(connection.state.kind).toBe('live');
    FakeSource.last.send('patch', { topic: 'summary', from: 1, revision: 2, patch: ['=', 'newer'] }, 'id-8');
    expect(got.at(-1)).toEqual(['summary', 'newer']);
    const leave = connection.watch('nodes');
    vi.advanceTimersByTime(400);
    expect(FakeSource.last.lastId).toBe('id-8');
    FakeSource.last.send('hello', { version: '1', resumed: ['volumes', 'summary'] }, 'id-9');
    FakeSource.last.send('topic', { topic: 'nodes', revision: 1, data: 1 }, 'id-10');
    // What it has thrown away and wants again comes whole.
    leave();
    connection.watch('nodes');
    vi.advanceTimersByTime(400);
    FakeSource.last.onerror?.();
    vi.advanceTimersByTime(1_000);
    expect(FakeSource.last.lastId).toBeUndefined();
  });

  it('asks for everything anew after a patch that does not fit', () => {
    opened('volumes');
    FakeSource.last.send('topic', { topic: 'volumes', revision: 1, data: 1 }, 'id-1');
    FakeSource.last.send('patch', { topic: 'volumes', from: 5, revision: 6, patch: ['=', 1] }, 'id-2');
    vi.advanceTimersByTime(1_000);
    expect(FakeSource.all).toHaveLength(2);
    expect(FakeSource.last.lastId).toBeUndefined();
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
