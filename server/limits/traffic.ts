import type { Failure } from '../http/problem';
import { Buckets } from './buckets';
import type { Limits } from './limits';

/** Keys that are told apart, of each kind. */
const CAPACITY = 10_000;

const slower = (seconds: number, what: string): Failure => ({
  code: 'too_many_requests',
  detail: `Too many ${what} in a short time.`,
  nextStep: 'Wait a moment, then repeat it.',
  retryAfterSeconds: seconds,
});

/** Counts what clients ask for, by session and by address, against the limits. One per process. */
export class Traffic {
  private readonly reads: Buckets;
  private readonly writes: Buckets;
  private readonly anonymous: Buckets;
  private readonly destructive: Buckets;
  private readonly signIns: Buckets;
  private readonly allSignIns: Buckets;
  private answering = 0;
  /** Those of `answering` by whom they are counted against. */
  private readonly held = new Map<string, number>();

  constructor(
    readonly limits: Limits,
    now: () => number,
  ) {
    const buckets = (perSecond: number, burst: number, capacity = CAPACITY) =>
      new Buckets({ perSecond, burst: Math.max(1, burst), capacity, now });
    this.reads = buckets(limits.readsPerSecond, limits.readsPerSecond * 3);
    this.writes = buckets(limits.writesPerSecond, limits.writesPerSecond * 2);
    this.anonymous = buckets(limits.anonymousPerSecond, limits.anonymousPerSecond * 3);
    this.destructive = buckets(limits.destructivePerMinute / 60, limits.destructivePerMinute);
    this.signIns = buckets(limits.signInsPerMinute / 60, limits.signInsPerMinute);
    this.allSignIns = buckets(limits.signInsPerMinute / 20, limits.signInsPerMinute * 6, 1);
  }

  /** A place among the requests that are being answered; call `leave` once when one was given. */
  enter(): Failure | undefined {
    if (this.answering >= this.limits.requests)
      return { code: 'busy', detail: 'The console is answering too many requests at once.', retryAfterSeconds: 1 };
    this.answering += 1;
    return undefined;
  }

  leave(): void {
    this.answering -= 1;
  }

  /**
   * A place of one session's, or of one address', among those: nobody holds more than a quarter of them, by sending slowly or
   * by not reading. Call `release` once when one was given.
   */
  hold(key: string): Failure | undefined {
    const count = this.held.get(key) ?? 0;
    if (count >= Math.ceil(this.limits.requests / 4)) return slower(1, 'requests at once');
    this.held.set(key, count + 1);
    return undefined;
  }

  release(key: string): void {
    const left = (this.held.get(key) ?? 1) - 1;
    if (left > 0) this.held.set(key, left);
    else this.held.delete(key);
  }

  /** Requests that are being answered. */
  get inProgress(): number {
    return this.answering;
  }

  /** `session` is undefined for a request without one, which is counted by its address. */
  request(session: string | undefined, address: string, isRead: boolean): Failure | undefined {
    const wait =
      session === undefined ? this.anonymous.take(address) : (isRead ? this.reads : this.writes).take(session);
    return wait === undefined ? undefined : slower(wait, 'requests');
  }

  destroy(session: string): Failure | undefined {
    const wait = this.destructive.take(session);
    return wait === undefined ? undefined : slower(wait, 'changes that take something away');
  }

  signIn(address: string): Failure | undefined {
    const wait = this.signIns.take(address) ?? this.allSignIns.take('all');
    return wait === undefined ? undefined : slower(wait, 'sign-ins');
  }
}
