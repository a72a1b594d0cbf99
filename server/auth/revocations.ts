import { createHash, randomBytes } from 'node:crypto';
import type { EndedFile } from './ended-file';

/**
 * What a session is born with, by which it is told from those that were to end before it. No moments: a clock that was set back
 * would end sessions before they begin.
 */
export interface Birth {
  /** Of everybody's sessions. */
  generation: string;
  /** Of one person's; empty until they have signed out everywhere. */
  mark: string;
}

/** A session as far as ending it goes. */
interface Ended {
  id: string;
  person: string;
  birth: Birth;
  expiresAt: number;
}

/** Neither the id of a session, from which its token is derived, nor who somebody is stands in the file. */
const keyOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);

const newMark = (): string => randomBytes(9).toString('base64url');

/**
 * Sessions that ended before their time, in memory and, where sessions outlive a restart, in a file. Bounded: entries live as
 * long as the sessions they end, and when too many are kept, all sessions issued so far end, because forgetting one would
 * bring it back. What ends a session has ended it when it returns, and has kept that when it resolves.
 */
export class Revocations {
  /** Session or person, to the moment from which the entry is of no more use. */
  private readonly sessions: Map<string, number>;
  private readonly people: Map<string, { mark: string; until: number }>;
  private readonly listeners = new Set<() => void>();
  private generation: string;

  constructor(
    private readonly now: () => number,
    private readonly capacity = 10_000,
    private readonly file?: Pick<EndedFile, 'kept' | 'save'>,
  ) {
    this.generation = file?.kept.generation ?? newMark();
    this.sessions = new Map(file?.kept.sessions ?? []);
    this.people = new Map(file?.kept.people.map(([key, mark, until]) => [key, { mark, until }]) ?? []);
  }

  /** What a session of that person is born with now. */
  birthOf(person: string): Birth {
    return { generation: this.generation, mark: this.people.get(keyOf(person))?.mark ?? '' };
  }

  /** Ends one session. */
  end(session: Pick<Ended, 'id' | 'expiresAt'>): Promise<void> {
    if (this.makeRoom()) this.sessions.set(keyOf(session.id), session.expiresAt);
    return this.ended();
  }

  /** Ends every session of one person issued until now. `longestMs` is how long any of them could still live. */
  endPerson(person: string, longestMs: number): Promise<void> {
    if (this.makeRoom()) this.people.set(keyOf(person), { mark: newMark(), until: this.now() + longestMs });
    return this.ended();
  }

  /** Ends every session issued until now. */
  endAll(): Promise<void> {
    this.forgetAll();
    return this.ended();
  }

  isEnded({ id, person, birth }: Omit<Ended, 'expiresAt'>): boolean {
    if (birth.generation !== this.generation || this.sessions.has(keyOf(id))) return true;
    const mark = this.people.get(keyOf(person))?.mark;
    return mark !== undefined && mark !== birth.mark;
  }

  /** Calls `listener` whenever some session has ended; the answer ends it. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private forgetAll(): void {
    this.generation = newMark();
    this.sessions.clear();
    this.people.clear();
  }

  /** False when there is none, and so everybody's session has ended. */
  private makeRoom(): boolean {
    for (const [key, until] of this.sessions) if (until <= this.now()) this.sessions.delete(key);
    for (const [key, { until }] of this.people) if (until <= this.now()) this.people.delete(key);
    if (this.sessions.size + this.people.size < this.capacity) return true;
    this.forgetAll();
    return false;
  }

  private async ended(): Promise<void> {
    for (const listener of this.listeners) listener();
    await this.file?.save({
      generation: this.generation,
      sessions: [...this.sessions],
      people: [...this.people].map(([key, { mark, until }]) => [key, mark, until]),
    });
  }
}
