import { applyPatch, type Patch } from '@/contract/patch';
import type { StreamHello, StreamPing, TopicPatch, TopicUpdate } from '@/contract/stream';
import { pageNow, setPageClock } from '../ui/page-clock';
import { type EventStream, FetchedEvents } from './fetched-events';

export type LiveState =
  | { kind: 'idle' }
  | { kind: 'connecting' }
  | { kind: 'live' }
  | { kind: 'offline'; since: number; nextTryAt: number };

/** Takes a whole value of a topic, as a GET would answer. */
type Sink = (topic: string, value: unknown) => void;

/** No ping for this long means that the stream is dead although the socket is not. */
const SILENCE_MS = 25_000;
const TOPIC_CHANGE_DELAY_MS = 40;
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
  private source: EventStream | undefined;
  private openTopics = '';
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
    private readonly openStream: (url: string) => EventStream = (url) => new FetchedEvents(url),
  ) {}

  start(): void {
    this.stopped = false;
    this.schedule(0);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.reopen);
    this.closeSource();
    this.set({ kind: 'idle' });
  }

  /** Says that a topic is on screen; the returned function takes it back. */
  watch(topic: string): () => void {
    this.wanted.set(topic, (this.wanted.get(topic) ?? 0) + 1);
    this.schedule(TOPIC_CHANGE_DELAY_MS);
    return () => {
      const left = (this.wanted.get(topic) ?? 1) - 1;
      if (left > 0) this.wanted.set(topic, left);
      else {
        this.wanted.delete(topic);
        this.values.delete(topic);
      }
      this.schedule(TOPIC_CHANGE_DELAY_MS);
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
    if (topics.length === 0) return;
    const query = new URLSearchParams(topics.map((t) => ['topic', t]));
    const source = this.openStream(`/api/v1/clusters/${encodeURIComponent(this.cluster)}/events?${query}`);
    this.source = source;
    if (this.state.kind === 'idle') this.set({ kind: 'connecting' });
    this.feed();
    source.addEventListener('hello', (e) => {
      const hello = parse<StreamHello>(e.data);
      setPageClock(Date.parse(hello?.serverTime ?? ''));
      const version = hello?.version;
      this.version ??= version;
      this.isUpgraded = version !== this.version;
      this.attempts = 0;
      this.offlineSince = undefined;
      this.set({ kind: 'live' });
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
  }

  private onTopic(event: MessageEvent<string>): void {
    this.feed();
    const got = parse<TopicUpdate>(event.data);
    if (!got) return;
    this.values.set(got.topic, { revision: got.revision, value: got.data });
    this.sink(got.topic, got.data);
  }

  private onPatch(event: MessageEvent<string>): void {
    this.feed();
    const got = parse<TopicPatch>(event.data);
    if (!got) return;
    const before = this.values.get(got.topic);
    if (!before || before.revision !== got.from) {
      this.lost();
      return;
    }
    try {
      const value = applyPatch(before.value, got.patch as Patch); // applyPatch throws on what is none
      this.values.set(got.topic, { revision: got.revision, value });
      this.sink(got.topic, value);
    } catch {
      this.lost();
    }
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
