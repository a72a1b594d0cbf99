import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const page = readFileSync('docs/standing.md', 'utf8');
const numbers = [...Array.from({ length: 10 }, (_, i) => i + 1), ...Array.from({ length: 25 }, (_, i) => i + 16)];

describe('docs/standing.md', () => {
  it('has a test or a reason for every fault', () => {
    for (const n of numbers) expect(page, `R${n}`).toMatch(new RegExp(`^\\| R${n} +\\|[^|]+\\|[^|]*\\w`, 'm'));
  });
  it('names files that exist', () => {
    const named = [...page.matchAll(/`([\w./-]+\.(?:test|long|spec)\.ts)`/g)].map((m) => m[1] ?? '');
    expect(named.length).toBeGreaterThan(30);
    for (const file of named) expect(existsSync(file), file).toBe(true);
  });
  it('is borne out: what is here says which faults it is about', () => {
    for (const [, n, file] of page.matchAll(/^\| R(\d+) +\|[^|]+\| `(faults\/[\w/.-]+)`/gm)) {
      const text = readFileSync(file ?? '', 'utf8');
      if (/fuzz|churn/.test(file ?? '')) continue; // they are about several, and say so themselves
      expect(text, `R${n} in ${file}`).toMatch(new RegExp(`R${n}\\b`));
    }
  });
});
