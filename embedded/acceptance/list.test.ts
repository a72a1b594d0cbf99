import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const EMBEDDED = join(import.meta.dirname, '..');
const page = readFileSync(join(EMBEDDED, 'acceptance.md'), 'utf8');
const NOT_OURS = 'Does not apply: ';
/** A reference to a test: its file, relative to `embedded/` or, for the console, to the repository, and its title. */
const REFERENCE = /`((?:acceptance|server)\/[\w/-]+\.test\.ts)`(?:: ((?:(?!<br>).)+))?/g;

const pathOf = (file: string) => join(EMBEDDED, file.startsWith('server/') ? '..' : '', file);

/** Titles of the tests in a file, as they stand in its source: `it('…'`, `it.each(…)('…'`. */
function titlesIn(file: string): string[] {
  const source = readFileSync(pathOf(file), 'utf8');
  return [...source.matchAll(/\bit(\.each)?\(/g)].flatMap((match) => {
    const open = match.index + match[0].length - 1;
    const at = match[1] === undefined ? open : behind(source, open);
    return /^\(\s*(['"])((?:(?!\1).)+)\1/.exec(source.slice(at))?.[2] ?? [];
  });
}

/** Index behind the bracket that closes the one at `open`. */
function behind(source: string, open: number): number {
  let depth = 0;
  for (let i = open; i < source.length; i++) {
    if (source[i] === '(') depth++;
    if (source[i] === ')' && --depth === 0) return i + 1;
  }
  throw new Error('a bracket is not closed');
}

/** Numbers of lines and pitfalls that a title begins with. */
const numbersOf = (title: string) => /^((?:[AP]\d+(?:, )?)+):/.exec(title)?.[1]?.split(', ') ?? [];

/** Cells of the tables below a heading, without header and ruler. */
function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim()),
    )
    .filter(([first = '']) => !/^(?:-+|Line|Pitfall|Scenario)$/.test(first));
}

const [, lines = '', pitfalls = '', scenarios = ''] = page.split(/^## /m);
const features = scenarios
  .split(/^### /m)
  .slice(1)
  .map((text) => ({ feature: text.split('\n')[0] ?? '', rows: rowsOf(text) }));

describe('the list of what the embedded cluster was held against', () => {
  it.each([
    ['A', 62, lines],
    ['P', 14, pitfalls],
  ] as const)('has every number from %s1 to %i, each with tests that carry it', (letter, count, text) => {
    const rows = rowsOf(text);
    expect(rows.map(([number]) => number)).toEqual(Array.from({ length: count }, (_, i) => `${letter}${i + 1}`));
    for (const [number = '', ...cells] of rows) {
      const files = [...cells.join(' ').matchAll(REFERENCE)].map((reference) => reference[1] ?? '');
      expect(files, number).not.toEqual([]);
      for (const file of files) expect(titlesIn(file).flatMap(numbersOf), `${number} in ${file}`).toContain(number);
    }
  });

  it('names scenarios once, and as many as it says', () => {
    const rows = features.flatMap(({ feature, rows: own }) => own.map(([scenario]) => `${feature}: ${scenario}`));
    expect(new Set(rows).size).toBe(rows.length);
    expect([features.length, rows.length]).toEqual([53, 242]);
    const proven = features.flatMap((feature) => feature.rows).filter(([, cell]) => !cell?.startsWith(NOT_OURS)).length;
    expect(scenarios).toContain(`${features.length} feature files`);
    expect(scenarios.replaceAll('\n', ' ')).toContain(
      `${rows.length} scenarios. ${proven} are proven by a test here; ${rows.length - proven} do not apply`,
    );
  });

  it('leaves out none of the tests that it names', () => {
    const files = new Set([...page.matchAll(REFERENCE)].map((reference) => reference[1] ?? ''));
    expect(files.size).toBeGreaterThan(10);
    for (const file of files)
      expect(readFileSync(pathOf(file), 'utf8'), file).not.toMatch(/\b(?:it|describe)\.(?:skip|todo|only|fails)\b/);
  });

  it.each(features)('names tests that exist, or says why there is none: $feature', ({ rows }) => {
    expect(rows.length).toBeGreaterThan(0);
    for (const [scenario = '', cell = ''] of rows) {
      const references = [...cell.matchAll(REFERENCE)];
      if (cell.startsWith(NOT_OURS)) expect(cell.length, scenario).toBeGreaterThan(NOT_OURS.length + 20);
      else expect(references, scenario).not.toEqual([]);
      for (const [, file = '', title] of references)
        expect(
          titlesIn(file).filter((candidate) => candidate === title),
          `${scenario}: ${title}`,
        ).toHaveLength(1);
    }
  });
});
