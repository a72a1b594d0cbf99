export interface BucketRules {
  /** What comes back per second. */
  perSecond: number;
  /** What may be taken at once. */
  burst: number;
  /** Keys that are told apart. */
  capacity: number;
  now: () => number;
}

interface Bucket {
  left: number;
  at: number;
}

/**
 * Token buckets by key. Memory is bounded, and an offender cannot be made to be forgotten: only keys whose bucket is full
 * again are dropped, and when there are too many that are not, all new keys share one bucket.
 */
export class Buckets {
  private readonly byKey = new Map<string, Bucket>();
  private readonly shared: Bucket;

  constructor(private readonly rules: BucketRules) {
    this.shared = { left: rules.burst, at: rules.now() };
  }

  get size(): number {
    return this.byKey.size;
  }

  /** Takes one for `key`: undefined when there was one, else the seconds until there is. */
  take(key: string): number | undefined {
    const bucket = this.bucketOf(key);
    this.fill(bucket);
    if (bucket.left >= 1) {
      bucket.left -= 1;
      return undefined;
    }
    return (1 - bucket.left) / this.rules.perSecond;
  }

  private bucketOf(key: string): Bucket {
    const known = this.byKey.get(key);
    if (known) {
      // Kept in the order of their last use, so that the oldest are looked at first.
      this.byKey.delete(key);
      this.byKey.set(key, known);
      return known;
    }
    if (this.byKey.size >= this.rules.capacity) this.dropFull();
    if (this.byKey.size >= this.rules.capacity) return this.shared;
    const bucket = { left: this.rules.burst, at: this.rules.now() };
    this.byKey.set(key, bucket);
    return bucket;
  }

  /** The least lately used ones that are full again: to forget them changes nothing. Looks at a few only. */
  private dropFull(): void {
    let looked = 0;
    for (const [key, bucket] of this.byKey) {
      this.fill(bucket);
      if (bucket.left >= this.rules.burst) this.byKey.delete(key);
      if (++looked >= 64) break;
    }
  }

  private fill(bucket: Bucket): void {
    const now = this.rules.now();
    const gained = (Math.max(0, now - bucket.at) / 1000) * this.rules.perSecond;
    bucket.left = Math.min(this.rules.burst, bucket.left + gained);
    bucket.at = now;
  }
}
