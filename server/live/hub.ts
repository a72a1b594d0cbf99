import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { diff } from '@/contract/patch';
import type { Failure } from '../http/problem';
import { problemOf } from '../http/problem';
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
  heartbeatMs: number;
  now: () => number;
}

interface Open {
  viewer: Viewer;
  /** Topics with what was decided about them when it was opened. */
  decided: ReadonlyMap<string, Failure | undefined>;
}

/** Open streams are asked again so often whether they may still see what they show, in heartbeats. */
const AUTHORISE_BEATS = 3;

interface Topic {
  name: string;
  streams: Set<EventStream>;
  /** Grows with every change of the value. */
  revision: number;
  value: unknown;
  encodedFull?: string;
}

/**
 * The live streams of one cluster. Views are computed once per topic and encoded once per change, whatever the number of
 * tabs; a tab that joins gets the whole value, then patches.
 */
export class LiveHub {
  private readonly topics = new Map<string, Topic>();
  private readonly streams = new Map<EventStream, Open>();
  private beats = 0;
  /** Streams that missed a patch because their socket was full, and need the whole value again. */
  private readonly behind = new Map<EventStream, Set<Topic>>();
  private timer: NodeJS.Timeout | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private lastFlush = Number.NEGATIVE_INFINITY;

  /** Streams that were cut because their client did not read. */
  cuts = 0;

  constructor(private readonly options: HubOptions) {}

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
   * place. The caller has checked their number and that the cluster exists.
   */
  open(res: ServerResponse, viewer: Viewer, decided: ReadonlyMap<string, Failure | undefined>): void {
    const stream = new EventStream(randomUUID(), res, this.options.now);
    this.streams.set(stream, { viewer, decided });
    stream.onClose(() => {
      if (stream.wasCut) this.cuts += 1;
      this.drop(stream);
    });
    this.heartbeat ??= setInterval(() => this.beat(), this.options.heartbeatMs);
    stream.send(
      `retry: ${1500 + (this.streams.size % 10) * 150}\n${encodeEvent('hello', {
        stream: stream.id,
        serverTime: new Date(this.options.now()).toISOString(),
        version: this.options.version,
      })}`,
    );
    for (const [name, refusal] of decided) {
      if (refusal) {
        stream.send(encodeEvent('topic', { topic: name, revision: 0, data: { problem: problemOf(refusal, 'live') } }));
        continue;
      }
      const topic = this.topics.get(name) ?? { name, streams: new Set(), revision: 0, value: undefined };
      this.topics.set(name, topic);
      this.refresh(topic);
      topic.streams.add(stream);
      stream.send(this.full(topic));
    }
  }

  /** Says that the snapshot changed. The first change after a quiet second goes out at once, further ones together. */
  changed(): void {
    if (this.timer || this.streams.size === 0) return;
    const wait = this.lastFlush + this.options.minIntervalMs - this.options.now();
    if (wait <= 0) this.flush();
    else this.timer = setTimeout(() => this.flush(), wait);
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

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.lastFlush = this.options.now();
    for (const topic of this.topics.values()) this.refresh(topic);
  }

  /** Recomputes a topic and sends what changed to those who have the value before. */
  private refresh(topic: Topic): void {
    const view = this.options.view(topic.name);
    // Through JSON, so that what is compared and sent is what a GET answers.
    const value: unknown = JSON.parse(
      JSON.stringify(view.ok ? view.value : { problem: problemOf(view.failure, 'live') }),
    );
    const first = topic.revision === 0;
    const patch = first ? undefined : diff(topic.value, value);
    if (!first && !patch) {
      this.catchUp(topic);
      return;
    }
    const from = topic.revision;
    topic.revision += 1;
    topic.value = value;
    topic.encodedFull = undefined;
    if (!patch) return;
    const encoded = encodeEvent('patch', { topic: topic.name, from, revision: topic.revision, patch });
    for (const stream of topic.streams) this.deliver(stream, topic, encoded);
  }

  private deliver(stream: EventStream, topic: Topic, encoded: string): void {
    const missed = this.behind.get(stream);
    if (stream.busy) {
      stream.send(encoded);
      this.behind.set(stream, (missed ?? new Set()).add(topic));
      return;
    }
    if (missed?.delete(topic)) stream.send(this.full(topic));
    else stream.send(encoded);
  }

  private catchUp(topic: Topic): void {
    for (const stream of topic.streams) {
      const missed = this.behind.get(stream);
      if (missed?.has(topic) && !stream.busy) {
        missed.delete(topic);
        stream.send(this.full(topic));
      }
    }
  }

  private full(topic: Topic): string {
    topic.encodedFull ??= encodeEvent('topic', { topic: topic.name, revision: topic.revision, data: topic.value });
    return topic.encodedFull;
  }

  private beat(): void {
    const ping = encodeEvent('ping', { serverTime: new Date(this.options.now()).toISOString() });
    this.sweep();
    for (const stream of this.streams.keys()) stream.send(ping);
    this.beats += 1;
    if (this.beats % AUTHORISE_BEATS === 0) void this.authorise();
  }

  private drop(stream: EventStream): void {
    this.streams.delete(stream);
    this.behind.delete(stream);
    for (const [name, topic] of this.topics) {
      topic.streams.delete(stream);
      if (topic.streams.size === 0) this.topics.delete(name);
    }
    if (this.streams.size === 0) {
      clearInterval(this.heartbeat);
      this.heartbeat = undefined;
    }
  }
}
