import { build } from 'esbuild';
import type { Measurement } from '../context';
import { median, percentile } from '../stats';

interface Frames {
  crosshair: number[];
  moved: number[];
}

/** Twenty lines of 450 points each: what a frame costs while the crosshair moves, and when a new point comes. */
export const chartFrames: Measurement = async ({ browser, runs }) => {
  const { outputFiles } = await build({
    entryPoints: ['bench/charts/page.tsx'],
    bundle: true,
    write: false,
    minify: true,
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"', 'process.env': '{}' },
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  try {
    await page.setContent('<!doctype html><body style="--line:#ddd;--line-strong:#888;--ink-2:#444"></body>');
    await page.addStyleTag({ content: '.h-44{height:176px}.relative{position:relative}.absolute{position:absolute}' });
    await page.addScriptTag({ content: outputFiles[0]?.text ?? '' });
    const all: Frames = { crosshair: [], moved: [] };
    for (let run = 0; run < runs; run += 1) {
      const got = await page.evaluate(() => (window as unknown as { measure(): Promise<Frames> }).measure());
      all.crosshair.push(...got.crosshair);
      all.moved.push(...got.moved);
    }
    const line = (figure: string, ms: number[]) => ({
      figure,
      at: '20 series of 450 points',
      measured: median(ms),
      unit: 'ms',
      detail: `p99 ${percentile(ms, 0.99).toFixed(1)}, highest ${Math.max(...ms).toFixed(1)}, n ${ms.length}`,
      limit: 16,
    });
    return [line('chart frame, crosshair moves', all.crosshair), line('chart frame, a new point', all.moved)];
  } finally {
    await page.close();
  }
};
