import { createHash, randomUUID } from 'node:crypto';
import type { AuditRecord, AuditResult, AuditWindow } from '@/contract/audit';
import type { Operation } from '@/contract/operation';
import type { Permission } from '@/contract/permission';
import type { Principal } from '../auth/principal';
import { fieldsOf } from './fields';
import { printable } from './printable';

/** What is about to be done, or has happened. */
export interface AuditSubject {
  principal: Principal | undefined;
  /** Address that the request is counted against. */
  address?: string | undefined;
  requestId: string | undefined;
  action: Permission | 'session.start' | 'session.refused' | 'session.end' | 'session.link' | 'request.refused';
  summary: string;
  object?: Record<string, string>;
  /** A parsed body. */
  body?: unknown;
  dryRun?: boolean;
}

export interface AuditOptions {
  instance: string;
  /** Takes one line; resolves when it is written. */
  write: (line: string) => Promise<void>;
  now: () => number;
  /** Records kept for the page. */
  capacity: number;
  /** An intent that is not written in this time is not carried out. */
  patienceMs: number;
}

/** An intent that waits for its outcome. */
export interface Intent {
  /** Writes the outcome. `accepted` keeps the intent open until the operation has ended. */
  outcome(result: AuditResult, extra?: { error?: string; operation?: string }): void;
}

interface Followed {
  subject: AuditSubject;
  id: string;
  since: number;
}

/** More are not followed: as many as operations are kept. */
const MAX_FOLLOWED = 1_000;
/** Refusals of one kind are told at most so often. */
const SAMPLE_MS = 1_000;

/**
 * Who did what, as one JSON line each on stdout, and the last ones in memory. Each line carries the hash of the one before,
 * so that a line taken out of a kept log shows.
 */
export class AuditLog {
  private readonly ring: AuditRecord[] = [];
  private readonly followed = new Map<string, Followed>();
  private readonly sampled = new Map<string, number>();
  private last = { seq: 0, prev: '' };
  /** Lines that could not be written since the start. */
  lost = 0;

  constructor(private readonly options: AuditOptions) {}

  /** Writes what is about to be done, before it is done. Rejects when it cannot be written: then it must not be done. */
  async intent(subject: AuditSubject): Promise<Intent> {
    const id = randomUUID();
    const since = this.options.now();
    await this.inTime(this.append(subject, { phase: 'intent', id }));
    return {
      outcome: (result, extra = {}) => {
        if (result === 'accepted' && extra.operation) this.follow(extra.operation, { subject, id, since });
        this.tell(subject, {
          phase: 'outcome',
          id,
          result,
          error: extra.error ?? null,
          operation: extra.operation ?? null,
          durationMs: Math.max(0, this.options.now() - since),
        });
      },
    };
  }

  /** Something that happened to a session. */
  event(subject: AuditSubject, result: AuditResult, error?: string): void {
    this.tell(subject, { phase: 'event', id: randomUUID(), result, error: error ?? null });
  }

  /** A request that was turned away; of each kind (`error`) one a second at most is written. */
  refusal(subject: AuditSubject, error: string): void {
    const now = this.options.now();
    // Absolute, so that a clock that was set back does not keep it quiet.
    if (Math.abs(now - (this.sampled.get(error) ?? Number.NEGATIVE_INFINITY)) < SAMPLE_MS) return;
    this.sampled.set(error, now); // as many keys as there are problem codes
    this.event(subject, 'refused', error);
  }

  /** Writes the end of operations that an intent started. */
  settle(operations: Iterable<Operation>): void {
    for (const operation of operations) {
      const waiting = this.followed.get(operation.id);
      if (!waiting || operation.state === 'running') continue;
      this.followed.delete(operation.id);
      this.tell(waiting.subject, {
        phase: 'outcome',
        id: waiting.id,
        result: operation.state === 'succeeded' ? 'ok' : operation.state === 'unknown' ? 'unknown' : 'failed',
        error: operation.problem?.code ?? null,
        operation: operation.id,
        durationMs: Math.max(0, this.options.now() - waiting.since),
      });
    }
  }

  /** The newest records of a cluster, and those of no cluster, that contain every word of `q`, whatever their case. */
  window(cluster: string, q: string, limit: number): AuditWindow {
    const words = q.toLowerCase().split(/\s+/).filter(Boolean);
    const matching = this.ring
      .filter((r) => {
        if ((r.object.cluster ?? cluster) !== cluster) return false;
        if (words.length === 0) return true;
        const text = JSON.stringify(r).toLowerCase();
        return words.every((w) => text.includes(w));
      })
      .reverse();
    return {
      records: matching.slice(0, limit),
      matched: matching.length,
      kept: this.ring.length,
      capacity: this.options.capacity,
      lost: this.lost,
    };
  }

  private follow(operation: string, entry: Followed): void {
    this.followed.set(operation, entry);
    for (const id of this.followed.keys()) {
      if (this.followed.size <= MAX_FOLLOWED) break;
      this.followed.delete(id);
    }
  }

  private inTime(written: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the audit log is not being read')), this.options.patienceMs);
      written.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  private tell(subject: AuditSubject, what: Pick<AuditRecord, 'phase' | 'id'> & Partial<AuditRecord>): void {
    // Counted where it failed; there is nobody to tell.
    this.append(subject, what).catch(() => undefined);
  }

  private append(subject: AuditSubject, what: Pick<AuditRecord, 'phase' | 'id'> & Partial<AuditRecord>): Promise<void> {
    const { principal } = subject;
    const record: AuditRecord = {
      stream: 'audit',
      v: 1,
      seq: this.last.seq + 1,
      instance: this.options.instance,
      prev: this.last.prev,
      ts: new Date(this.options.now()).toISOString(),
      requestId: subject.requestId ?? null,
      actor: principal
        ? {
            issuer: printable(principal.issuer),
            subject: printable(principal.subject),
            name: printable(principal.name),
            role: principal.role ?? null,
            mode: principal.mode,
            session: principal.session ? sessionMark(principal.session.id) : null,
          }
        : null,
      address: subject.address === undefined ? null : printable(subject.address, 64),
      action: subject.action,
      summary: printable(subject.summary),
      object: fieldsOf(subject.object),
      request: fieldsOf(subject.body),
      dryRun: subject.dryRun ?? false,
      result: null,
      error: null,
      operation: null,
      durationMs: null,
      ...what,
    };
    const line = JSON.stringify(record);
    this.last = { seq: record.seq, prev: sha256(line).slice(0, 16) };
    this.ring.push(record);
    if (this.ring.length > this.options.capacity) this.ring.shift();
    return this.options.write(line).catch((error: unknown) => {
      this.lost += 1;
      throw error;
    });
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
/** Tells sessions apart without giving their id away. */
const sessionMark = (id: string) => sha256(`session ${id}`).slice(0, 8);
