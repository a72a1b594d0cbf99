import { applyPatch, type Patch } from '@/contract/patch';
import { TopicPatch, TopicUpdate } from '@/contract/stream';

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
  private source: EventSource | undefined;
  private openTopics = '';
  private reopen: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private offlineSince: number | undefined;
  private stopped = true;
  state: LiveState = { kind: 'idle' };

  constructor(
    private readonly cluster: string,
    private readonly sink: Sink,
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
    const source = new EventSource(`/api/v1/clusters/${encodeURIComponent(this.cluster)}/events?${query}`);
    this.source = source;
    if (this.state.kind === 'idle') this.set({ kind: 'connecting' });
    this.feed();
    source.addEventListener('hello', () => {
      this.attempts = 0;
      this.offlineSince = undefined;
      this.set({ kind: 'live' });
      this.feed();
    });
    source.addEventListener('ping', () => this.feed());
    source.addEventListener('topic', (e) => this.onTopic(e));
    source.addEventListener('patch', (e) => this.onPatch(e));
    source.addEventListener('closing', () => this.lost());
    source.onerror = () => this.lost();
  }

  private onTopic(event: MessageEvent<string>): void {
    this.feed();
    const got = TopicUpdate.safeParse(parse(event.data));
    if (!got.success) return;
    this.values.set(got.data.topic, { revision: got.data.revision, value: got.data.data });
    this.sink(got.data.topic, got.data.data);
  }

  private onPatch(event: MessageEvent<string>): void {
    this.feed();
    const got = TopicPatch.safeParse(parse(event.data));
    if (!got.success) return;
    const before = this.values.get(got.data.topic);
    if (!before || before.revision !== got.data.from) {
      this.lost();
      return;
    }
    try {
      const value = applyPatch(before.value, got.data.patch as Patch); // applyPatch throws on what is none
      this.values.set(got.data.topic, { revision: got.data.revision, value });
      this.sink(got.data.topic, value);
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
    const now = Date.now();
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

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
