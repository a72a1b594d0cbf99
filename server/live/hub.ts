import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { MAX_TOPICS } from '@/contract/stream';
import type { Failure } from '../http/problem';
import { problemOf } from '../http/problem';
import { jsonValue } from './json-value';
import { LiveTopic } from './live-topic';
import { Resumption } from './resumption';
import { EventStream, encodeEvent } from './stream';

/** What a topic says now: the JSON value a GET would answer, or the failure. */
export type TopicView = (topic: string) => { ok: true; value: unknown } | { ok: false; failure: Failure };

/** Whose stream it is, and whether it may go on. */
export interface Viewer {
  /** What streams are counted by. */
  key: string;
  /** Whether the session still holds. */
  isAlive(): boolean;
  /** Why a topic is not shown, or undefined when it is. */
  refuse(topic: string): Promise<Failure | undefined>;
}

export interface HubOptions {
  view: TopicView;
  version: string;
  /** Smallest time between two updates of a topic, ms. */
  minIntervalMs: number;
  /** A stream that was sent nothing for this long is sent a ping. */
  heartbeatMs: number;
  now: () => number;
}

interface Open {
  viewer: Viewer;
  /** Topics with what was decided about them when it was opened. */
  decided: ReadonlyMap<string, Failure | undefined>;
  pingedAt: number;
}

/** Open streams are asked again so often whether they may still see what they show, in beats of half a heartbeat. */
const AUTHORISE_BEATS = 6;
/** A topic that nobody follows is kept so long, so that a tab that comes back gets what changed and not the whole. */
const LINGER_MS = 60_000;
const MOST_LINGERING = 64;
/** Smallest time between two updates of which one is urgent. */
const URGENT_INTERVAL_MS = 150;

/**
 * The live streams of one cluster. Views are computed once per topic and encoded once per change, whatever the number of
 * tabs; a tab that joins gets the whole value, then patches; one that comes back gets the patches that it missed.
 */
export class LiveHub {
  private readonly topics = new Map<string, LiveTopic>();
  private readonly streams = new Map<EventStream, Open>();
  private readonly resumption: Resumption;
  private beats = 0;
  private revision = 0;
  /** Streams that missed a patch because their socket was full, and need the whole value again. */
  private readonly behind = new Map<EventStream, Set<LiveTopic>>();
  private timer: NodeJS.Timeout | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private dueAt = 0;
  private lastFlush = Number.NEGATIVE_INFINITY;

  /** Streams that were cut because their client did not read. */
  cuts = 0;

  constructor(private readonly options: HubOptions) {
    this.resumption = new Resumption(options.now);
  }

  get size(): number {
    return this.streams.size;
  }

  /** Streams of one viewer. */
  countOf(key: string): number {
    let count = 0;
    for (const { viewer } of this.streams.values()) if (viewer.key === key) count += 1;
    return count;
  }

  /**
   * Serves one SSE request. `decided` has its topics with the reason why one is not shown, which its viewer is told in its
   * place. The caller has checked their number and that the cluster exists. `lastEventId` says what the tab already has.
   */
  open(
    res: ServerResponse,
    viewer: Viewer,
    decided: ReadonlyMap<string, Failure | undefined>,
    lastEventId?: string,
  ): void {
    const stream = new EventStream(randomBytes(6).toString('base64url'), res, this.options.now);
    this.streams.set(stream, { viewer, decided, pingedAt: this.options.now() });
    stream.onClose(() => {
      if (stream.wasCut) this.cuts += 1;
      this.drop(stream);
    });
    this.heartbeat ??= setInterval(() => this.beat(), this.options.heartbeatMs / 2);
    const has = this.resumption.claim(lastEventId, viewer.key);
    const followed = [...decided].flatMap(([name, refusal]) => (refusal ? [] : [this.current(name)]));
    const missed = new Map(followed.map((topic) => [topic, topic.since(has.get(topic.name))]));
    const resumed = followed.filter((topic) => missed.get(topic)).map((topic) => topic.name);
    // In front of `hello`, so that its id already stands for them.
    for (const name of resumed) stream.log.note(name, has.get(name));
    this.hello(stream, resumed);
    for (const [name, refusal] of decided) {
      if (!refusal) continue;
      stream.send(encodeEvent('topic', { topic: name, revision: 0, data: { problem: problemOf(refusal, 'live') } }));
    }
    for (const topic of followed) {
      topic.streams.add(stream);
      const steps = missed.get(topic) ?? [{ encoded: topic.whole, revision: topic.revision }];
      // Many large topics may be more than a socket takes at once; what is left comes when there is room.
      if (!steps.every((step) => stream.sendNoted(step.encoded, topic.name, step.revision))) this.owe(stream, topic);
    }
  }

  /**
   * Says that the snapshot changed. The first change after a quiet second goes out at once, further ones together. An urgent
   * one, of what an object is and not of how busy it is, does not wait for the second to end.
   */
  changed(isUrgent = false): void {
    if (this.streams.size === 0) return;
    const { minIntervalMs, now } = this.options;
    const due = this.lastFlush + (isUrgent ? Math.min(URGENT_INTERVAL_MS, minIntervalMs) : minIntervalMs);
    if (this.timer && this.dueAt <= due) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.dueAt = due;
    if (due <= now()) this.flush();
    else this.timer = setTimeout(() => this.flush(), due - now());
  }

  /** Ends the streams whose session has ended; their tabs find out why when they come back. */
  sweep(): void {
    for (const [stream, { viewer }] of this.streams) if (!viewer.isAlive()) stream.end(encodeEvent('closing', {}));
  }

  /** Ends the streams of those who may see something else now than when they opened them. */
  async authorise(): Promise<void> {
    const asked = [...this.streams].map(async ([stream, { viewer, decided }]) => {
      for (const [topic, before] of decided) {
        const now = await viewer.refuse(topic);
        if ((now === undefined) !== (before === undefined)) return stream.end(encodeEvent('closing', {}));
      }
    });
    await Promise.all(asked);
  }

  /** Ends every stream politely: clients reconnect by themselves. */
  close(): void {
    clearTimeout(this.timer);
    clearInterval(this.heartbeat);
    for (const stream of this.streams.keys()) stream.end(encodeEvent('closing', {}));
    this.streams.clear();
    this.topics.clear();
  }

  private hello(stream: EventStream, resumed: readonly string[]): void {
    const hello = encodeEvent('hello', {
      stream: stream.id,
      serverTime: new Date(this.options.now()).toISOString(),
      version: this.options.version,
      resumed,
    });
    stream.sendNoted(`retry: ${1500 + (this.streams.size % 10) * 150}\n${hello}`);
  }

  /** The topic with the value of now. */
  private current(name: string): LiveTopic {
    const topic = this.topics.get(name) ?? new LiveTopic(name);
    this.topics.set(name, topic);
    this.refresh(topic);
    return topic;
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.lastFlush = this.options.now();
    for (const topic of this.topics.values()) if (topic.streams.size > 0) this.refresh(topic);
  }

  /** Recomputes a topic and sends what changed to those who have the value before. */
  private refresh(topic: LiveTopic): void {
    const view = this.options.view(topic.name);
    // As JSON, so that what is compared and sent is what a GET answers.
    const value = jsonValue(view.ok ? view.value : { problem: problemOf(view.failure, 'live') });
    const changed = topic.update(value, () => {
      this.revision += 1;
      return this.revision;
    });
    for (const stream of topic.streams) {
      if (changed !== undefined) this.deliver(stream, topic, changed);
      else this.catchUp(stream, topic);
    }
  }

  private deliver(stream: EventStream, topic: LiveTopic, encoded: string): void {
    if (stream.busy) {
      stream.send(encoded);
      this.owe(stream, topic);
      return;
    }
    const isBehind = this.behind.get(stream)?.delete(topic);
    stream.sendNoted(isBehind ? topic.whole : encoded, topic.name, topic.revision);
  }

  private owe(stream: EventStream, topic: LiveTopic): void {
    this.behind.set(stream, (this.behind.get(stream) ?? new Set()).add(topic));
  }

  private catchUp(stream: EventStream, topic: LiveTopic): void {
    const missed = this.behind.get(stream);
    if (!missed?.has(topic) || stream.busy) return;
    missed.delete(topic);
    stream.sendNoted(topic.whole, topic.name, topic.revision);
  }

  private beat(): void {
    const { now, heartbeatMs } = this.options;
    this.sweep();
    // A quiet cluster has no change that would bring it.
    for (const [stream, missed] of this.behind) for (const topic of [...missed]) this.catchUp(stream, topic);
    for (const [stream, open] of this.streams) {
      if (stream.isStuck()) continue;
      // Now and then in any case: it also tells the time.
      if (now() - stream.sentAt < heartbeatMs && now() - open.pingedAt < heartbeatMs * 6) continue;
      open.pingedAt = now();
      stream.send(encodeEvent('ping', { serverTime: new Date(now()).toISOString() }));
    }
    this.beats += 1;
    if (this.beats % AUTHORISE_BEATS === 0) void this.authorise();
    this.forget();
  }

  /** Drops topics that nobody came back to. */
  private forget(): void {
    const lingering = [...this.topics.values()].filter((topic) => topic.streams.size === 0);
    lingering.sort((a, b) => b.leftAt - a.leftAt);
    for (const [i, topic] of lingering.entries()) {
      if (i >= MOST_LINGERING || this.options.now() - topic.leftAt > LINGER_MS) this.topics.delete(topic.name);
    }
    if (this.streams.size > 0 || this.topics.size > 0) return;
    clearInterval(this.heartbeat);
    this.heartbeat = undefined;
  }

  private drop(stream: EventStream): void {
    const open = this.streams.get(stream);
    if (open) this.resumption.leave(stream.id, open.viewer.key, stream.log);
    this.streams.delete(stream);
    this.behind.delete(stream);
    for (const topic of this.topics.values()) {
      if (topic.streams.delete(stream) && topic.streams.size === 0) topic.leftAt = this.options.now();
    }
    if (this.topics.size > this.streams.size * MAX_TOPICS + MOST_LINGERING) this.forget();
  }
}
