import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { applyPatch, type Patch } from '@/contract/patch';
import { LiveHub } from './hub';
import { Resumption, SentLog } from './resumption';

interface Sent {
  id?: string;
  event: string;
  data: Record<string, unknown>;
}

/** The side of a response that a stream sees, and what a tab makes of what it was sent. */
class FakeTab {
  readonly events: Sent[] = [];
  lastEventId: string | undefined;
  private readonly closed: Array<() => void> = [];
  /** Bytes that wait in its socket. */
  writableLength = 0;
  /** Nothing leaves the socket. */
  isStuck = false;

  constructor(private readonly values = new Map<string, { revision: number; value: unknown }>()) {}

  get asResponse(): ServerResponse {
    return this as unknown as ServerResponse; // only what is below is used of it
  }
  writeHead(): void {}
  flushHeaders(): void {}
  end(text?: string): void {
    if (text) this.write(text);
    this.leave();
  }
  on(_: string, listener: () => void): void {
    this.closed.push(listener);
  }
  leave(): void {
    for (const listener of this.closed.splice(0)) listener();
  }
  write(text: string): void {
    if (this.isStuck) this.writableLength += text.length;
    for (const part of text.split('\n\n').filter(Boolean)) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1];
      this.take({ id: field('id') ?? '', event: field('event') ?? '', data: JSON.parse(field('data') ?? '{}') });
    }
  }

  private take(sent: Sent): void {
    this.events.push(sent);
    if (sent.id) this.lastEventId = sent.id;
    const topic = String(sent.data.topic);
    const revision = Number(sent.data.revision);
    if (sent.event === 'topic') this.values.set(topic, { revision, value: sent.data.data });
    if (sent.event !== 'patch') return;
    const before = this.values.get(topic);
    expect(before?.revision).toBe(sent.data.from);
    this.values.set(topic, { revision, value: applyPatch(before?.value, sent.data.patch as Patch) });
  }

  /** The same tab with a new connection. */
  again(): FakeTab {
    return new FakeTab(this.values);
  }
  value(topic: string): unknown {
    return this.values.get(topic)?.value;
  }
  get kinds(): string[] {
    return this.events.map((e) => e.event);
  }
}

const viewer = (key = 'a') => ({ key, isAlive: () => true, refuse: async () => undefined });
const topicsOf = (...names: string[]) => new Map(names.map((name) => [name, undefined]));

describe('LiveHub', () => {
  let now = 0;
  let values: Record<string, unknown> = {};
  let hub: LiveHub;
  const change = (topic: string, value: unknown) => {
    values[topic] = value;
    now += 1_000;
    hub.changed();
  };
  beforeEach(() => {
    vi.useFakeTimers();
    now = 1_000_000;
    values = { a: { n: 1, pad: 'x'.repeat(500) }, b: { m: 1, pad: 'y'.repeat(500) } };
    hub = new LiveHub({
      view: (topic) => ({ ok: true, value: values[topic] ?? null }),
      version: 'v',
      minIntervalMs: 1_000,
      heartbeatMs: 10_000,
      now: () => now,
    });
  });
  afterEach(() => {
    hub.close();
    vi.useRealTimers();
  });

  const open = (tab: FakeTab, topics: string[], lastEventId?: string, key?: string) => {
    hub.open(tab.asResponse, viewer(key), topicsOf(...topics), lastEventId);
    return tab;
  };

  it('sends the whole once, and then what changed', () => {
    const tab = open(new FakeTab(), ['a', 'b']);
    expect(tab.kinds).toEqual(['hello', 'topic', 'topic']);
    change('a', { n: 2, pad: 'x'.repeat(500) });
    expect(tab.events.at(-1)?.data.patch).toEqual(['s', { n: 2 }]);
    expect(tab.value('a')).toEqual(values.a);
  });

  it('brings what a socket had no room for at first once it has, although nothing changes', () => {
    values.a = { n: 1, pad: 'x'.repeat(300_000) };
    const tab = new FakeTab();
    tab.isStuck = true;
    open(tab, ['a', 'b']);
    expect(tab.kinds).toEqual(['hello', 'topic']);
    now += 1_000;
    tab.isStuck = false;
    tab.writableLength = 0;
    vi.advanceTimersByTime(5_000);
    expect(tab.value('b')).toEqual(values.b);
    vi.advanceTimersByTime(20_000);
    expect(tab.kinds.filter((kind) => kind === 'topic')).toHaveLength(2);
  });

  it('goes on where a tab was when it comes back, with the patches that it missed and nothing else', () => {
    const other = open(new FakeTab(), ['a']);
    const tab = open(new FakeTab(), ['a', 'b']);
    change('a', { n: 2, pad: 'x'.repeat(500) });
    tab.leave();
    change('a', { n: 3, pad: 'x'.repeat(500) });
    change('a', { n: 4, pad: 'x'.repeat(500) });
    const back = open(tab.again(), ['a', 'b'], tab.lastEventId);
    expect(back.events[0]?.data.resumed).toEqual(['a', 'b']);
    expect(back.kinds).toEqual(['hello', 'patch', 'patch']);
    expect(back.value('a')).toEqual(values.a);
    change('b', { m: 2, pad: 'y'.repeat(500) });
    expect(back.value('b')).toEqual(values.b);
    expect(other.value('a')).toEqual(values.a);
    // Also with the id of the new connection's first event alone.
    back.leave();
    const third = open(back.again(), ['a', 'b'], back.lastEventId);
    expect(third.kinds).toEqual(['hello']);
  });

  it('keeps what nobody follows for a minute, so that the only tab goes on, too, and with other topics', () => {
    const tab = open(new FakeTab(), ['a']);
    tab.leave();
    change('a', { n: 9, pad: 'x'.repeat(500) });
    const back = open(tab.again(), ['a', 'b'], tab.lastEventId);
    expect(back.kinds).toEqual(['hello', 'patch', 'topic']);
    expect(back.value('a')).toEqual(values.a);
    back.leave();
    now += 61_000;
    vi.advanceTimersByTime(10_000);
    expect(open(back.again(), ['a'], back.lastEventId).kinds).toEqual(['hello', 'topic']);
  });

  it('sends the whole when the patches weigh more than it, and to whoever shows an id that is not theirs', () => {
    const stay = open(new FakeTab(), ['a']);
    const tab = open(new FakeTab(), ['a']);
    tab.leave();
    change('a', { n: 5, pad: 'z'.repeat(400) });
    change('a', { n: 6, pad: 'w'.repeat(400) });
    expect(open(tab.again(), ['a'], tab.lastEventId).kinds).toEqual(['hello', 'topic']);
    stay.leave();
    expect(open(new FakeTab(), ['a'], stay.lastEventId, 'somebody else').kinds).toEqual(['hello', 'topic']);
    expect(open(new FakeTab(), ['a'], 'made.up').kinds).toEqual(['hello', 'topic']);
  });

  it('does not let what is urgent wait for the second to end', () => {
    const tab = open(new FakeTab(), ['a']);
    change('a', { n: 2, pad: '' });
    const sent = tab.events.length;
    values.a = { n: 3, pad: '' };
    now += 50;
    hub.changed();
    vi.advanceTimersByTime(200);
    expect(tab.events.length).toBe(sent);
    hub.changed(true);
    vi.advanceTimersByTime(100);
    expect(tab.value('a')).toEqual(values.a);
  });

  it('pings a stream that was quiet for a while, and one that is not only now and then', () => {
    const tab = open(new FakeTab(), ['a']);
    const pass = (seconds: number) => {
      for (let s = 0; s < seconds; s += 5) {
        now += 5_000;
        vi.advanceTimersByTime(5_000);
      }
    };
    pass(30);
    expect(tab.kinds.filter((kind) => kind === 'ping').length).toBe(3);
    const before = tab.events.length;
    for (let n = 0; n < 6; n += 1) {
      change('a', { n: 100 + n, pad: '' });
      pass(5);
    }
    expect(tab.kinds.slice(before).filter((kind) => kind === 'ping').length).toBeLessThanOrEqual(1);
  });
});

describe('what a stream was sent', () => {
  it('is known event by event, for the last of them', () => {
    const log = new SentLog();
    expect(log.note()).toBe(1);
    const first = log.note('a', 10);
    log.note('b', 11);
    expect(log.stateAt(first)).toEqual(new Map([['a', 10]]));
    for (let i = 0; i < 100; i += 1) log.note('a', 100 + i);
    expect(log.stateAt(first)).toBeUndefined();
    expect(log.stateAt(103)).toEqual(
      new Map([
        ['a', 199],
        ['b', 11],
      ]),
    );
    expect(log.stateAt(104)).toBeUndefined();
  });

  it('is kept for a minute and a bounded number of streams', () => {
    let now = 0;
    const kept = new Resumption(() => now);
    const log = new SentLog();
    log.note('a', 7);
    for (let i = 0; i < 1_200; i += 1) kept.leave(`s${i}`, 'me', log);
    expect(kept.claim('s0.1', 'me').size).toBe(0);
    expect(kept.claim('s1199.1', 'me')).toEqual(new Map([['a', 7]]));
    expect(kept.claim('s1199.1', 'you').size).toBe(0);
    now = 60_001;
    expect(kept.claim('s1199.1', 'me').size).toBe(0);
    for (const odd of [undefined, '', '.', 's1199', 's1199.x', 's1199.-1', `s1199.${'9'.repeat(400)}`])
      expect(kept.claim(odd, 'me').size).toBe(0);
  });
});
