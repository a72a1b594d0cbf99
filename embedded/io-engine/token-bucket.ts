import { setTimeout as delay } from 'node:timers/promises';

/** Limits bytes per second; waiters are served in the order in which they came. */
export class TokenBucket {
  private readonly startedAt = performance.now();
  /** Time, in ms since start, at which all that was taken so far is paid. */
  private paidUntilMs = 0;

  constructor(readonly bytesPerSecond: number) {}

  /** Resolves when `bytes` may go; rejects with an AbortError. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    const nowMs = performance.now() - this.startedAt;
    const dueMs = Math.max(this.paidUntilMs, nowMs);
    this.paidUntilMs = dueMs + (bytes / this.bytesPerSecond) * 1000;
    if (dueMs > nowMs) await delay(dueMs - nowMs, undefined, { signal });
  }
}
