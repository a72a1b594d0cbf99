/** A session as far as ending it goes. */
interface Ended {
  id: string;
  person: string;
  issuedAt: number;
  expiresAt: number;
}

/**
 * Sessions that ended before their time, in memory. Bounded: entries live as long as the sessions they end, and when too
 * many are kept, all sessions issued so far end, because forgetting one would bring it back.
 */
export class Revocations {
  /** Session id or person, to the moment from which the entry is of no more use. */
  private readonly sessions = new Map<string, number>();
  private readonly people = new Map<string, { notAfter: number; until: number }>();
  private readonly listeners = new Set<() => void>();
  private notBefore = 0;

  constructor(
    private readonly now: () => number,
    private readonly capacity = 10_000,
  ) {}

  /** Ends one session. */
  end(session: Omit<Ended, 'person'>): void {
    if (this.makeRoom()) this.sessions.set(session.id, session.expiresAt);
    this.tell();
  }

  /** Ends every session of one person issued until now. `longestMs` is how long any of them could still live. */
  endPerson(person: string, longestMs: number): void {
    const at = this.now();
    if (this.makeRoom()) this.people.set(person, { notAfter: at, until: at + longestMs });
    this.tell();
  }

  /** Ends every session issued until now. */
  endAll(): void {
    this.notBefore = this.now();
    this.sessions.clear();
    this.people.clear();
    this.tell();
  }

  isEnded(session: Omit<Ended, 'expiresAt'>): boolean {
    return (
      session.issuedAt <= this.notBefore ||
      this.sessions.has(session.id) ||
      session.issuedAt <= (this.people.get(session.person)?.notAfter ?? Number.NEGATIVE_INFINITY)
    );
  }

  /** Calls `listener` whenever some session has ended; the answer ends it. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** False when there is none, and so everybody's session has ended. */
  private makeRoom(): boolean {
    for (const [id, until] of this.sessions) if (until <= this.now()) this.sessions.delete(id);
    for (const [person, { until }] of this.people) if (until <= this.now()) this.people.delete(person);
    if (this.sessions.size + this.people.size < this.capacity) return true;
    this.endAll();
    return false;
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
