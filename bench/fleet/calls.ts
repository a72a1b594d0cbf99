type Upstream = 'agent-core' | 'io-engine';

/** Counts the requests that the console sends, by upstream and method. */
export class Calls {
  private readonly counts = new Map<string, number>();

  count(upstream: Upstream, method: string): void {
    const key = `${upstream} ${method}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  get byMethod(): Record<string, number> {
    return Object.fromEntries([...this.counts].sort());
  }
}
