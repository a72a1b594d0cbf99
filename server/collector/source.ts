import type { SourceName, SourceState } from '@/contract/source';
import type { Result } from '@/server/upstream/result';
import type { Clock } from './clock';
import { Coalescer } from './coalesce';

export interface SourceOptions {
  source: SourceName;
  node?: string;
  endpoint: string;
  /** Time between two passes, as far as a tenth of the time allows; asked anew after each. */
  intervalMs: () => number;
  /** Longest pause after a failure, give or take a quarter. */
  maxBackoffMs: number;
  /** One reading. Must end by itself (deadlines); a rejection counts as a failure. */
  pass(): Promise<Result<unknown>>;
  /** Called after each pass and each change of state. */
  changed(): void;
  clock: Clock;
  /** 0 to 1, spreads the readings of many sources that began together, and the tries of those that failed together. */
  random: () => number;
}

/** Reading may occupy an upstream for at most a tenth of the time. */
const DUTY = 10;
/** A pass may have been slow because this process or its machine stood still: the quickest of so many tells what one takes. */
const PASSES = 3;
/** However long they took, the console is not blind for longer. */
const MAX_PAUSE_MS = 60_000;
const FIRST_BACKOFF_MS = 1_000;
/** Failures count until it has answered for so long: one that comes and goes is asked, and told of, ever less often. */
const STEADY_MS = 30_000;

/**
 * Reads one upstream again and again, on its own schedule: passes never overlap, the pause grows with what a pass takes,
 * and failures back off. What it knows of the upstream's health is in `state`.
 */
export class Source {
  #state: SourceState;
  #failures = 0;
  #cancel: (() => void) | undefined;
  #stopped = false;
  /** What the last passes took. */
  #passMs: readonly number[] = [];
  #endedAt: number | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  readonly #passes = new Coalescer();

  constructor(private readonly options: SourceOptions) {
    this.#state = {
      source: options.source,
      ...(options.node === undefined ? {} : { node: options.node }),
      endpoint: options.endpoint,
      status: 'waiting',
      since: instant(options.clock.now()),
      lastOkAt: null,
      nextTryAt: null,
      error: null,
    };
  }

  get state(): SourceState {
    return this.#state;
  }

  get endpoint(): string {
    return this.options.endpoint;
  }

  start(): void {
    this.#schedule(0);
  }

  /** No pass begins any more; what the one under way brings is not waited for. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  /** Reads now, whatever the schedule says; ends after a pass that began after this call. */
  readNow(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#cancel?.();
    return this.#passes.run(() => this.#pass());
  }

  async #pass(): Promise<void> {
    if (this.#stopped) return;
    this.#cancel?.();
    const { clock } = this.options;
    const begun = clock.now();
    const error = await this.options.pass().then(
      (result) => (result.ok ? null : { code: result.error.kind, message: result.error.message }),
      (thrown: unknown) => ({ code: 'Internal', message: thrown instanceof Error ? thrown.message : String(thrown) }),
    );
    if (this.#stopped) return;
    if (!error) this.#passMs = [...this.#passMs, clock.now() - begun].slice(-PASSES);
    const pauseMs = error ? this.#backoff() : this.#pauseMs() * (0.95 + this.options.random() / 10);
    this.#endedAt = clock.now();
    this.#note(error, pauseMs);
    this.#schedule(pauseMs);
    this.options.changed();
  }

  /** The interval has become shorter: the next pass comes as if it had been so before. */
  hasten(): void {
    if (this.#stopped || this.#endedAt === undefined || this.#state.status !== 'ok' || this.#passes.busy) return;
    const { clock } = this.options;
    const due = this.#endedAt + this.#pauseMs();
    if (due >= this.#dueAt) return;
    this.#schedule(Math.max(0, due - clock.now()));
  }

  /** The first passes say little: everything connects, and is read, at once. */
  #pauseMs(): number {
    const passMs = this.#passMs.length < PASSES ? 0 : Math.min(...this.#passMs);
    return Math.max(this.options.intervalMs(), Math.min(passMs * DUTY, MAX_PAUSE_MS));
  }

  #backoff(): number {
    this.#failures += 1;
    const base = Math.min(this.options.maxBackoffMs, FIRST_BACKOFF_MS * 2 ** (this.#failures - 1));
    return base * (0.75 + this.options.random() / 2);
  }

  #note(error: SourceState['error'], pauseMs: number): void {
    const now = this.options.clock.now();
    const status = error ? 'failing' : 'ok';
    if (!error && this.#state.status === 'ok' && now - Date.parse(this.#state.since) >= STEADY_MS) this.#failures = 0;
    this.#state = {
      ...this.#state,
      status,
      since: status === this.#state.status ? this.#state.since : instant(now),
      lastOkAt: error ? this.#state.lastOkAt : instant(now),
      nextTryAt: instant(now + pauseMs),
      error,
    };
  }

  #schedule(ms: number): void {
    this.#cancel?.();
    if (this.#stopped) return;
    this.#dueAt = this.options.clock.now() + ms;
    this.#cancel = this.options.clock.after(ms, () => void this.#passes.run(() => this.#pass()));
  }
}

const instant = (ms: number) => new Date(ms).toISOString();
