// A chart of the console with as many lines as the URL's hash says, moved on once a second, the crosshair in every frame.
import { StrictMode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import type { Chart } from '@/components/charts/chart-model';
import { Crosshair } from '@/components/charts/crosshair';
import { SeriesChart } from '@/components/charts/SeriesChart';

const LINES = 20;
const POINTS = 450;
const STEP_MS = 2_000;
const FRAMES = 300;

/** A wave per line with a gap in it; not data of anything. */
function chartAt(step: number): Chart {
  const at = Array.from({ length: POINTS }, (_, i) => (step + i) * STEP_MS + 1.7e12);
  return {
    title: 'Twenty lines',
    at,
    stepMs: STEP_MS,
    format: (v) => v.toFixed(0),
    lines: Array.from({ length: LINES }, (_, n) => ({
      name: `line ${n}`,
      color: `hsl(${n * 18} 60% 45%)`,
      values: at.map((_, i) => ((step + i) % 97 === 13 ? null : 50 + 40 * Math.sin((step + i) / (5 + n)))),
    })),
  };
}

const root = createRoot(document.body.appendChild(document.createElement('div')));
const crosshair = new Crosshair();
function draw(step: number): Chart {
  const chart = chartAt(step);
  const to = chart.at.at(-1) ?? 0;
  flushSync(() =>
    root.render(
      <StrictMode>
        <SeriesChart chart={chart} from={to - POINTS * STEP_MS} to={to} crosshair={crosshair} onEnlarge={() => {}} />
      </StrictMode>,
    ),
  );
  return chart;
}

/** Work of each frame, ms: from its beginning until it was painted. `moved` are the frames with new points. */
async function measure(): Promise<{ crosshair: number[]; moved: number[] }> {
  const out = { crosshair: [] as number[], moved: [] as number[] };
  let chart = draw(0);
  await new Promise((r) => setTimeout(r, 500));
  for (let frame = 1; frame <= FRAMES; frame += 1) {
    const isMoved = frame % 60 === 0;
    const ms = await new Promise<number>((resolve) =>
      requestAnimationFrame(() => {
        const begun = performance.now();
        if (isMoved) chart = draw(frame / 60);
        crosshair.set(chart.at[(frame * 7) % POINTS]);
        const painted = new MessageChannel();
        painted.port1.onmessage = () => resolve(performance.now() - begun);
        painted.port2.postMessage(0);
      }),
    );
    (isMoved ? out.moved : out.crosshair).push(ms);
  }
  return out;
}

Object.assign(window, { measure });
