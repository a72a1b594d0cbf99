import { never } from '@/embedded/store/gated-store';
import type { Store } from '@/embedded/store/store';

/**
 * A store in which agent-core can be killed: before or after any single change becomes durable. From that moment no call
 * of it settles, as for a process that is gone.
 */
export class CrashStore implements Store {
  /** Moments until `die` is called, two for each change; 0: never. */
  diesIn = 0;
  isDead = false;

  constructor(
    private readonly inner: Store,
    private readonly die: () => void,
  ) {}

  get(key: string): Promise<string | undefined> {
    return this.alive(() => this.inner.get(key));
  }

  list(prefix: string): Promise<Array<readonly [key: string, value: string]>> {
    return this.alive(() => this.inner.list(prefix));
  }

  put(key: string, value: string): Promise<void> {
    return this.change(() => this.inner.put(key, value));
  }

  delete(key: string): Promise<void> {
    return this.change(() => this.inner.delete(key));
  }

  private async change(run: () => Promise<void>): Promise<void> {
    this.pass();
    await this.alive(run);
    this.pass();
    return this.isDead ? never() : undefined;
  }

  private async alive<T>(run: () => Promise<T>): Promise<T> {
    if (this.isDead) return never();
    const value = await run();
    return this.isDead ? never() : value;
  }

  private pass(): void {
    if (this.isDead || this.diesIn === 0 || --this.diesIn > 0) return;
    this.isDead = true;
    this.die();
  }
}
