import { readFileSync } from 'node:fs';
import { Tab } from '../browser';
import { type Measurement, pause } from '../context';
import { PAGES, pagePaths } from '../pages';
import type { Figure } from '../table';

const BUDGETS: Readonly<Record<string, number>> = JSON.parse(
  readFileSync(new URL('../budgets.json', import.meta.url), 'utf8'),
);

/** KB of JavaScript, gzip, that a page may have; a page without a budget may have nothing, so that none is forgotten. */
const budgetOf = (page: string): number => BUDGETS[page] ?? 0;

/** JavaScript of each page's first load, gzip level 6, until nothing more comes for a second. */
export const pageWeight: Measurement = async (bench) => {
  const paths = await pagePaths(bench);
  const figures: Figure[] = [];
  for (const entry of PAGES) {
    const path = paths.of(entry);
    const tab = await Tab.open(bench);
    try {
      const response = await tab.page.goto(bench.page(path), { waitUntil: 'load' });
      if (response?.status() !== 200) throw new Error(`${entry.path} answers ${response?.status()}`);
      await tab.page.locator(entry.ready).first().waitFor({ timeout: 15_000 });
      await pause(1_000);
      const { files, wire, gzip, raw } = await tab.scriptBytes();
      figures.push({
        figure: `JavaScript gzip, ${entry.name}`,
        at: entry.path || '/',
        measured: gzip / 1000,
        unit: 'KB',
        detail: `${files} files, ${Math.round(wire / 1000)} KB on the wire, ${Math.round(raw / 1000)} KB raw`,
        limit: budgetOf(entry.name),
        bestPeer: '320 KB (Oxide)',
      });
    } finally {
      await tab.close();
    }
  }
  return figures;
};
