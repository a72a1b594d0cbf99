import { applyPatch, type Patch } from '@/contract/patch';
import type { StreamHello, StreamPing, TopicPatch, TopicUpdate } from '@/contract/stream';
import { pageNow, setPageClock } from '../ui/page-clock';
import { type EventStream, FetchedEvents } from './fetched-events';

export type LiveState =
  | { kind: 'idle' }
  /** Connected, or about to be, and not every topic has come yet. */
  | { kind: 'catching-up' }
  | { kind: 'live' }
  /** Somebody has stopped the stream, to look at things as they were. */
  | { kind: 'paused'; since: number }
  | { kind: 'offline'; since: number; nextTryAt: number };

/** Takes a whole value of a topic, as a GET would answer. */
type Sink = (topic: string, value: unknown) => void;

/** No ping for this long means that the stream is dead although the socket is not. */
const SILENCE_MS = 25_000;
const TOPIC_CHANGE_DELAY_MS = 40;
/** While a stream is open: who scrolls changes the topics many times, and a GET has brought their values meanwhile. */
const TOPIC_MOVE_DELAY_MS = 300;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

/**
 * The tab's one event stream to a cluster. Topics come and go with what is on screen; the stream is opened anew when
 * their set changes. Values are kept per topic, so that patches can be applied.
 */
export class LiveConnection {
  private readonly wanted = new Map<string, number>();
  private readonly values = new Map<string, { revision: number; value: unknown }>();
  private readonly listeners = new Set<() => void>();
  /** Says to the server which values are here, so that a stream opened anew brings only what was missed. */
  private lastId: string | undefined;
  /** Topics of `lastId` whose values were thrown away. */
  private readonly forgotten = new Set<string>();
  private source: EventStream | undefined;
  private openTopics = '';
  /** Topics of the open stream that have not said their value yet. */
  private readonly awaited = new Set<string>();
  private reopen: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private offlineSince: number | undefined;
  private stopped = true;
  /** Of the console when this page met it first. */
  private version: string | undefined;
  /** The console was replaced by another version under this page, which should be loaded anew. */
  isUpgraded = false;
  state: LiveState = { kind: 'idle' };

  constructor(
    private readonly cluster: string,
    private readonly sink: Sink,
    private readonly openStream: (url: string, lastId?: string) => EventStream = (url, lastId) =>
      new FetchedEvents(url, lastId),
  ) {}

  start(): void {
    if (this.state.kind === 'paused') return;
    this.stopped = false;
    this.schedule(0);
  }

  stop(): void {
    this.halt();
    if (this.state.kind !== 'paused') this.set({ kind: 'idle' });
  }

  /** Stops the stream until `resume`; what is on the page stays as it is. */
  pause = (): void => {
    this.halt();
    this.set({ kind: 'paused', since: pageNow() });
  };

  resume = (): void => {
    if (this.state.kind !== 'paused') return;
    this.attempts = 0;
    this.offlineSince = undefined;
    this.set({ kind: 'idle' });
    this.start();
  };

  private halt(): void {
    this.stopped = true;
    clearTimeout(this.reopen);
    this.closeSource();
    this.openTopics = '';
  }

  /** Says that a topic is on screen; the returned function takes it back. */
  watch(topic: string): () => void {
    this.wanted.set(topic, (this.wanted.get(topic) ?? 0) + 1);
    this.topicsChanged();
    return () => {
      const left = (this.wanted.get(topic) ?? 1) - 1;
      if (left > 0) this.wanted.set(topic, left);
      else {
        this.wanted.delete(topic);
        if (this.values.delete(topic)) this.forgotten.add(topic);
      }
      this.topicsChanged();
    };
  }

  /**
   * What `get` answers, unless the stream brought a value of the topic meanwhile: an answer can be older than what overtook it,
   * and of what does not change any more (an operation that ended) no later value would put it right.
   */
  async newest(topic: string, get: () => Promise<unknown>): Promise<unknown> {
    const before = this.values.get(topic);
    const streamed = () => {
      const now = this.values.get(topic);
      return now === before ? undefined : now;
    };
    try {
      const answer = await get();
      return streamed()?.value ?? answer;
    } catch (error) {
      const meanwhile = streamed();
      if (meanwhile) return meanwhile.value;
      throw error;
    }
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Tries now instead of at the next planned moment. */
  retryNow = (): void => {
    this.attempts = 0;
    this.openTopics = '';
    this.schedule(0);
  };

  private topicsChanged(): void {
    this.schedule(this.source && this.state.kind === 'live' ? TOPIC_MOVE_DELAY_MS : TOPIC_CHANGE_DELAY_MS);
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    clearTimeout(this.reopen);
    this.reopen = setTimeout(() => this.open(), delayMs);
  }

  private open(): void {
    const topics = [...this.wanted.keys()].sort();
    const key = topics.join('\n');
    if (this.source && key === this.openTopics) return;
    this.closeSource();
    this.openTopics = key;
    this.awaited.clear();
    for (const topic of topics) this.awaited.add(topic);
    if (topics.length === 0) return;
    const query = new URLSearchParams(topics.map((t) => ['topic', t]));
    if (topics.some((t) => this.forgotten.has(t))) this.lastId = undefined;
    const source = this.openStream(`/api/v1/clusters/${encodeURIComponent(this.cluster)}/events?${query}`, this.lastId);
    this.source = source;
    if (this.state.kind === 'idle') this.set({ kind: 'catching-up' });
    this.feed();
    source.addEventListener('hello', (e) => {
      const hello = parse<StreamHello>(e.data);
      setPageClock(Date.parse(hello?.serverTime ?? ''));
      // Ids of this stream are about its own topics only.
      this.forgotten.clear();
      this.lastId = e.lastEventId || undefined;
      for (const topic of hello?.resumed ?? []) this.awaited.delete(topic);
      const version = hello?.version;
      this.version ??= version;
      this.isUpgraded = version !== this.version;
      this.attempts = 0;
      this.offlineSince = undefined;
      if (this.state.kind !== 'live') this.set({ kind: this.awaited.size === 0 ? 'live' : 'catching-up' });
      this.feed();
    });
    source.addEventListener('ping', (e) => {
      setPageClock(Date.parse(parse<StreamPing>(e.data)?.serverTime ?? ''));
      this.feed();
    });
    source.addEventListener('topic', (e) => this.onTopic(e));
    source.addEventListener('patch', (e) => this.onPatch(e));
    source.addEventListener('closing', () => this.lost());
    source.onerror = () => this.lost();
    source.ongone = () => this.stop();
  }

  private onTopic(event: MessageEvent<string>): void {
    this.feed();
    const got = parse<TopicUpdate>(event.data);
    if (!got) return;
    this.lastId = event.lastEventId || this.lastId;
    // It left the screen, and the stream without it is about to be opened.
    if (!this.wanted.has(got.topic)) return;
    this.awaited.delete(got.topic);
    if (this.awaited.size === 0 && this.state.kind === 'catching-up') this.set({ kind: 'live' });
    this.values.set(got.topic, { revision: got.revision, value: got.data });
    this.sink(got.topic, got.data);
  }

  private onPatch(event: MessageEvent<string>): void {
    this.feed();
    const got = parse<TopicPatch>(event.data);
    if (!got) return;
    this.lastId = event.lastEventId || this.lastId;
    if (!this.wanted.has(got.topic)) return;
    const before = this.values.get(got.topic);
    if (!before || before.revision !== got.from) {
      this.mixedUp();
      return;
    }
    try {
      const value = applyPatch(before.value, got.patch as Patch); // applyPatch throws on what is none
      this.values.set(got.topic, { revision: got.revision, value });
      this.sink(got.topic, value);
    } catch {
      this.mixedUp();
    }
  }

  /** What is here is not what the server thinks: everything is to come anew. */
  private mixedUp(): void {
    this.lastId = undefined;
    this.lost();
  }

  private feed(): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.lost(), SILENCE_MS);
  }

  private lost(): void {
    this.closeSource();
    this.openTopics = '';
    if (this.stopped) return;
    this.attempts += 1;
    const now = pageNow();
    this.offlineSince ??= now;
    // Full jitter, so that many tabs do not come back in one moment.
    const span = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.attempts - 1));
    const delay = FIRST_RETRY_MS / 2 + (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) * (span / 2 ** 32);
    this.set({ kind: 'offline', since: this.offlineSince, nextTryAt: now + delay });
    this.schedule(delay);
  }

  private closeSource(): void {
    clearTimeout(this.watchdog);
    this.source?.close();
    this.source = undefined;
  }

  private set(state: LiveState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

/** An event of our own server; undefined when it is not JSON, for example cut off. */
function parse<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T; // our own server, of the version that `hello` has told
  } catch {
    return undefined;
  }
}
