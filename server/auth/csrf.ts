import { createHash, timingSafeEqual } from 'node:crypto';
import { TOKEN_HEADER } from '@/contract/session';
import type { Failure } from '../http/problem';
import type { Principal } from './principal';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Equal or not, in a time that does not tell how much is. */
export const sameText = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

/** Whether a request carries the token of its session, which another origin can neither read nor send. */
export const carriesToken = (sent: string | null | undefined, principal: Principal): boolean =>
  typeof sent === 'string' && sameText(sent, principal.csrf);

/**
 * Why a change is not believed to come from a page of this console: one layer of four. The guard has refused foreign or
 * absent `Origin` and foreign `Sec-Fetch-Site` values before, and a route takes JSON only.
 */
export function csrfRefusal(sent: string | null | undefined, principal: Principal): Failure | undefined {
  if (carriesToken(sent, principal)) return undefined;
  return {
    code: 'csrf_mismatch',
    detail: `The change does not carry the token of your session (${TOKEN_HEADER}), so nothing was done.`,
    nextStep: 'Load the page again, then repeat it.',
  };
}
