import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { afterProcessTime, processNow } from './process-time';

function standStill(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('process time', () => {
  it('goes by while the process runs, and hardly while it stands still', async () => {
    const begun = processNow();
    standStill(400);
    expect(processNow() - begun).toBeLessThan(100);
    const then = processNow();
    const real = performance.now();
    await delay(200);
    expect(processNow() - then).toBeGreaterThan(50);
    expect(processNow() - then).toBeLessThanOrEqual(performance.now() - real + 1);
  });

  it('lets an answer that has arrived come before its deadline, however late the process looks', async () => {
    const events: string[] = [];
    const late = new Promise<void>((resolve) =>
      afterProcessTime(150, () => {
        events.push('deadline');
        resolve();
      }),
    );
    setTimeout(() => events.push('answer'), 100);
    standStill(300);
    await late;
    expect(events).toEqual(['answer', 'deadline']);
  });

  it('does not call back when it is called off', async () => {
    let called = 0;
    afterProcessTime(10, () => called++)();
    await new Promise<void>((resolve) => afterProcessTime(60, resolve));
    expect(called).toBe(0);
  });
});
