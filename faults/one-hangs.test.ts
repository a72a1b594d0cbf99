import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleProcess } from './support/console';
import { eventually, tell, timed } from './support/eventually';
import { type FaultyCluster, startFaultyCluster } from './support/upstreams';

const NODES = process.env.FAULTS_LONG === '1' ? 200 : 24;
/** Two hundred nodes share a busy machine with the console. */
const PATIENCE_MS = NODES * 3_000;
let many: FaultyCluster;
let app: ConsoleProcess;

beforeAll(async () => {
  many = await startFaultyCluster(NODES, NODES * 5);
  app = await ConsoleProcess.start({ clusters: { many: many.core.endpoint } });
});
afterAll(async () => {
  await app?.kill();
  await many?.stop();
});

describe('a cluster', () => {
  it('of which one io-engine of many hangs reads all others as before, and has one reading of it under way (R6)', async () => {
    const states = async () => (await app.sources('many')).filter((s) => s.source === 'io-engine');
    await eventually(async () => {
      const all = await states();
      expect(all).toHaveLength(NODES);
      expect(all.filter((s) => s.status !== 'ok')).toEqual([]);
    });
    /** Calls answered well, by node. */
    const answered = async () => {
      const metrics = await app.metrics();
      const of = (node: string) =>
        metrics.get(
          `mayastor_console_upstream_calls_total{cluster="many",upstream="io-engine",node="${node}",code="OK"}`,
        ) ?? 0;
      return Array.from({ length: NODES }, (_, n) => of(`io-${n + 1}`));
    };
    const ages = async () => {
      const metrics = await app.metrics();
      return Array.from(
        { length: NODES },
        (_, n) =>
          metrics.get(
            `mayastor_console_upstream_age_seconds{cluster="many",upstream="io-engine",node="io-${n + 1}"}`,
          ) ?? 0,
      );
    };
    /** Until every other node has been read twice more: seconds, and the oldest reading that was seen meanwhile. */
    const twoReadings = async () => {
      const before = await answered();
      const begun = performance.now();
      let oldest = 0;
      await eventually(async () => {
        oldest = Math.max(oldest, ...(await ages()).slice(1));
        const now = await answered();
        for (let n = 1; n < NODES; n += 1) expect((now[n] ?? 0) - (before[n] ?? 0)).toBeGreaterThanOrEqual(10);
      }, PATIENCE_MS);
      return { seconds: (performance.now() - begun) / 1000, oldest };
    };
    const usual = await twoReadings();
    await many.engines[0]?.set({ kind: 'hang' });
    const hungAt = (await answered())[0];
    const hungSince = performance.now();
    const lost = async () =>
      [...(await app.metrics())].reduce(
        (sum, [name, value]) =>
          name.includes('calls_total') && name.includes('node="io-1"') && !name.includes('code="OK"')
            ? sum + value
            : sum,
        0,
      );
    const lostBefore = await lost();
    const hung = await twoReadings();
    await eventually(async () => expect((await states()).find((s) => s.node === 'io-1')?.status).toBe('failing'));
    const still = await twoReadings();
    tell(
      `R6: ${NODES - 1} other nodes, two readings of each in ${usual.seconds.toFixed(1)} s before, ` +
        `${hung.seconds.toFixed(1)} s and ${still.seconds.toFixed(1)} s while one hangs; oldest reading ` +
        `${usual.oldest.toFixed(2)} s, ${hung.oldest.toFixed(2)} s, ${still.oldest.toFixed(2)} s`,
    );
    expect((await answered())[0]).toBe(hungAt);
    expect((await states()).filter((s) => s.status !== 'ok').map((s) => s.node)).toEqual(['io-1']);
    // One call at a time waits out its deadline of 2.5 s, and one reading may have been under way when it began to hang.
    const lostNow = (await lost()) - lostBefore;
    expect(lostNow).toBeLessThanOrEqual((performance.now() - hungSince) / 2_500 + 5);
    tell(`R6: ${lostNow} calls to the node that hangs were lost`);
    expect(many.engines[0]?.openConnections ?? 0).toBeLessThanOrEqual(2);
    await many.engines[0]?.set({ kind: 'none' });
    tell(
      `R6: read again ${await timed(async () =>
        expect((await states()).find((s) => s.node === 'io-1')?.status).toBe('ok'),
      )} ms after it moved`,
    );
  });
});
