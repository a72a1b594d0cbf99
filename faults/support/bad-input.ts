import { expect } from 'vitest';
import type { ConsoleProcess } from './console';
import type { Seen } from './wire';

/** What an answer to bad input may be: a status, or several. */
export type Wanted = number | readonly number[];

const MUST = [
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['cross-origin-opener-policy', 'same-origin'],
] as const;

/** What holds of every answer to bad input, beside its status. */
export function holds(answer: Seen, wanted: Wanted, what: string): void {
  const all = typeof wanted === 'number' ? [wanted] : wanted;
  expect(all, `${what}: ${answer.text.slice(0, 400)}`).toContain(answer.status);
  expect(answer.answers, `${what}: one answer, and what followed was no request`).toBe(1);
  for (const [name, value] of MUST) expect(answer.headers.get(name), `${what}: ${name}`).toBe(value);
  expect(answer.headers.get('content-security-policy'), what).toContain("default-src 'none'");
  expect(answer.headers.has('x-powered-by') || answer.headers.has('server'), what).toBe(false);
  expect(answer.text, what).not.toMatch(/^\s+at .*\.(m?js|ts):\d+/m);
  // An answer to HEAD has no body.
  if (answer.status >= 400 && answer.body !== '' && answer.headers.get('content-type')?.includes('problem+json')) {
    const problem = JSON.parse(answer.body) as { code: string; requestId: string; status: number };
    expect(problem.code, what).toMatch(/^[a-z_]+$/);
    expect(problem.requestId, what).toMatch(/\S/);
  }
}

/** Calls that would have changed something: the fleet behind the tests makes no change and says so to each that is tried. */
export async function changesTried(app: ConsoleProcess): Promise<number> {
  let tried = 0;
  for (const [name, value] of await app.metrics())
    if (name.includes('upstream_calls_total') && name.includes('"Unimplemented"')) tried += value;
  return tried;
}

/** Lines that the console wrote: JSON each on standard output, and on standard error where it begins as JSON. */
export function linesAreWhole(app: ConsoleProcess): void {
  for (const line of app.stdout.split('\n').slice(0, -1)) expect(() => JSON.parse(line), line).not.toThrow();
  for (const line of app.stderr.split('\n').slice(0, -1))
    if (line.startsWith('{')) expect(() => JSON.parse(line), line).not.toThrow();
}
