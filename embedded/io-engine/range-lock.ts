interface Claim {
  readonly start: number;
  readonly end: number;
  readonly granted: () => void;
  held: boolean;
}

/**
 * Locks byte ranges, first come first served: host writes and rebuild copies that overlap happen one after the other, on
 * every child in the same order.
 */
export class RangeLock {
  private readonly claims = new Set<Claim>();

  /** Resolves with the release function once nothing earlier overlaps. */
  async acquire(start: number, length: number): Promise<() => void> {
    let claim: Claim | undefined;
    const granted = new Promise<void>((resolve) => {
      claim = { start, end: start + length, granted: resolve, held: false };
      this.claims.add(claim);
    });
    this.grant();
    await granted;
    return () => {
      if (claim && this.claims.delete(claim)) this.grant();
    };
  }

  private grant(): void {
    const earlier: Claim[] = [];
    // A Set iterates in order of insertion, so `earlier` are those that came first, held or waiting.
    for (const claim of this.claims) {
      if (!claim.held && !earlier.some((e) => e.start < claim.end && claim.start < e.end)) {
        claim.held = true;
        claim.granted();
      }
      earlier.push(claim);
    }
  }
}
