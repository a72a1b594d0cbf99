import { violations } from '../../e2e/axe';
import { Tab } from '../browser';
import { count, type Measurement } from '../context';
import { PAGES, pagePaths } from '../pages';

const THEMES = ['light', 'dark'] as const;

/** Rules of accessibility (WCAG 2.1 AA and best practice) that the pages break, in both themes. */
export const axe: Measurement = async (bench) => {
  const paths = await pagePaths(bench);
  const found: string[] = [];
  for (const colorScheme of THEMES) {
    for (const entry of PAGES) {
      const tab = await Tab.open(bench);
      try {
        await tab.page.emulateMedia({ colorScheme });
        await tab.page.goto(bench.page(paths.of(entry)), { waitUntil: 'load' });
        await tab.page.locator(entry.ready).first().waitFor({ timeout: 15_000 });
        found.push(...(await violations(tab.page)).map((v) => `${entry.name} ${colorScheme}: ${v.split(':')[0]}`));
      } finally {
        await tab.close();
      }
    }
  }
  return [
    {
      figure: 'axe violations (WCAG 2.1 AA)',
      at: `${PAGES.length} pages, light and dark, ${count(bench.volumes)} volumes`,
      measured: found.length,
      unit: '',
      detail: found.slice(0, 3).join('; '),
      limit: 0,
      bestPeer: '0',
    },
  ];
};
