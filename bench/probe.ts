/** What the probe in the page offers; times in ms since navigation unless they are called wall clock. */
export interface Probe {
  /** When a frame with at least `least` elements of the selector was painted. */
  painted(selector: string, least: number): Promise<number>;
  /** From the next trusted click or key until a frame in which `done` is true. `done` is the body of a function. */
  fromInput(done: string): Promise<number>;
  /** Wall clock of the first frame in which the selector's text is another than now. */
  differs(selector: string): Promise<number>;
  longTasks: Array<{ at: number; ms: number }>;
  /** Durations of interactions so far, ms, in steps of 8. */
  interactions: number[];
  fcp: number;
}

/**
 * Runs in every page before its own scripts. A frame counts as painted when a task runs after the animation frame in which
 * the state was there: nearest to the pixel that a page can see of itself.
 */
export const PROBE = `(() => {
  const afterFrame = () => new Promise((r) => requestAnimationFrame(() => {
    const c = new MessageChannel(); c.port1.onmessage = () => r(performance.now()); c.port2.postMessage(0);
  }));
  const until = (check) => new Promise((resolve, reject) => {
    const late = setTimeout(() => { o.disconnect(); reject(new Error('not there in 90 s: ' + check)); }, 90_000);
    const look = () => {
      if (!check()) return false;
      o.disconnect(); clearTimeout(late); afterFrame().then(resolve);
      return true;
    };
    const o = new MutationObserver(look);
    if (!look()) o.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  const probe = window.probe = {
    longTasks: [], interactions: [], fcp: NaN,
    painted: (selector, least) => until(() => document.querySelectorAll(selector).length >= least),
    fromInput: (done) => new Promise((resolve, reject) => {
      const is = new Function(done);
      const start = (e) => {
        removeEventListener('click', start, true); removeEventListener('keydown', start, true);
        const from = e.timeStamp;
        until(() => is()).then((at) => resolve(at - from), () => reject(new Error('not done in 90 s: ' + done)));
      };
      addEventListener('click', start, true); addEventListener('keydown', start, true);
    }),
    differs: (selector) => {
      const text = () => document.querySelector(selector)?.textContent;
      const before = text();
      return until(() => text() !== before).then((at) => performance.timeOrigin + at);
    },
  };
  const observe = (type, each, options) => new PerformanceObserver((l) => l.getEntries().forEach(each)).observe({ type, buffered: true, ...options });
  observe('longtask', (e) => probe.longTasks.push({ at: e.startTime, ms: e.duration }));
  observe('event', (e) => { if (e.interactionId) probe.interactions.push(e.duration); }, { durationThreshold: 16 });
  observe('paint', (e) => { if (e.name === 'first-contentful-paint') probe.fcp = e.startTime; });
})();`;
