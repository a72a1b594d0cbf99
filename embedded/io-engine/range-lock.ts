interface Claim {
  readonly start: number;
  readonly end: number;
  /** Undefined once it is held. */
  granted: (() => void) | undefined;
}

const overlap = (a: Claim, b: Claim) => a.start < b.end && b.start < a.end;

/**
 * Locks byte ranges, first come first served: host writes and rebuild copies that overlap happen one after the other, on
 * every child in the same order.
 */
export class RangeLock {
  private readonly claims = new Set<Claim>();
  private waiting = 0;

  /** Resolves with the release function once nothing earlier overlaps. */
  async acquire(start: number, length: number): Promise<() => void> {
    const claim: Claim = { start, end: start + length, granted: undefined };
    const isFree = ![...this.claims].some((earlier) => overlap(earlier, claim));
    const granted = isFree
      ? undefined
      : new Promise<void>((resolve) => {
          claim.granted = resolve;
        });
    this.claims.add(claim);
    if (granted) {
      this.waiting++;
      await granted;
    }
    return () => {
      if (this.claims.delete(claim) && this.waiting > 0) this.grant();
    };
  }

  private grant(): void {
    const earlier: Claim[] = [];
    // A Set iterates in order of insertion, so `earlier` are those that came first, held or waiting.
    for (const claim of this.claims) {
      if (claim.granted && !earlier.some((e) => overlap(e, claim))) {
        claim.granted();
        claim.granted = undefined;
        this.waiting--;
      }
      earlier.push(claim);
    }
  }
}
