import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A link nobody opened dies after this time; the sign-in page has the console print another one. */
const LIFE_MS = 15 * 60_000;
const NEXT_AFTER_MS = 5_000;

const digest = (text: string) => createHash('sha256').update(text).digest();

/** The one link that signs in, once. There is never more than one: a new one ends the one before. */
export class LocalLink {
  private current: { digest: Buffer; until: number } | undefined;
  private madeAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly now: () => number) {}

  /** A new token of 256 bits; undefined when one was made a moment ago and has not been used. */
  renew(): string | undefined {
    if (this.current && this.now() - this.madeAt < NEXT_AFTER_MS) return undefined;
    this.madeAt = this.now();
    const token = randomBytes(32).toString('base64url');
    this.current = { digest: digest(token), until: this.madeAt + LIFE_MS };
    return token;
  }

  /** Whether this is the token of the link; it is used up by that. */
  take(token: string): boolean {
    const { current } = this;
    if (!current || this.now() >= current.until || !timingSafeEqual(current.digest, digest(token))) return false;
    this.current = undefined;
    return true;
  }
}
