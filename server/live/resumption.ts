/** Events of a stream that are remembered one by one. */
const MOST_EVENTS = 64;
/** How long a tab may be away and still go on where it was. */
const KEPT_MS = 60_000;
const MOST_STREAMS = 1_000;

/** What one stream was sent, so that an event's id says which revision of each topic its tab has then. */
export class SentLog {
  private readonly base = new Map<string, number>();
  private readonly events: Array<{ n: number; topic: string; revision: number }> = [];
  private last = 0;
  /** Ids before this one are no longer told apart. */
  private oldest = 0;

  /** Notes an event; the answer is its number. Without a topic it only has a number. */
  note(topic?: string, revision = 0): number {
    this.last += 1;
    if (topic !== undefined) this.events.push({ n: this.last, topic, revision });
    if (this.events.length > MOST_EVENTS) {
      const [first] = this.events.splice(0, 1);
      if (first) {
        this.base.set(first.topic, first.revision);
        this.oldest = first.n;
      }
    }
    return this.last;
  }

  /** Revisions by topic of a tab whose last event was `n`; undefined when that is not known. */
  stateAt(n: number): ReadonlyMap<string, number> | undefined {
    if (!(n >= this.oldest && n <= this.last)) return undefined;
    const state = new Map(this.base);
    for (const event of this.events) if (event.n <= n) state.set(event.topic, event.revision);
    return state;
  }
}

interface Left {
  log: SentLog;
  owner: string;
  at: number;
}

/** Streams that have ended lately, for tabs that come back with `Last-Event-ID`. */
export class Resumption {
  private readonly left = new Map<string, Left>();

  constructor(private readonly now: () => number) {}

  /** A stream has ended; `owner` is whose it was. */
  leave(stream: string, owner: string, log: SentLog): void {
    this.left.set(stream, { log, owner, at: this.now() });
    for (const [id, { at }] of this.left) {
      if (this.left.size <= MOST_STREAMS && this.now() - at <= KEPT_MS) break;
      this.left.delete(id);
    }
  }

  /** Revisions by topic that the tab has, going by its `Last-Event-ID`; empty when nothing is known of it. */
  claim(lastEventId: string | undefined, owner: string): ReadonlyMap<string, number> {
    const [, stream = '', n = ''] = /^([\w-]{1,40})\.(\d{1,12})$/.exec(lastEventId ?? '') ?? [];
    const left = this.left.get(stream);
    if (!left || left.owner !== owner || this.now() - left.at > KEPT_MS) return new Map();
    return left.log.stateAt(Number(n)) ?? new Map();
  }
}
