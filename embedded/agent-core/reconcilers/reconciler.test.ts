import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { timings } from '@/embedded/timing';
import type { Core } from '../core';
import { Reconciler } from './reconciler';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Passes within ten seconds over so many specs, of a cluster whose idle passes are half a second apart. */
async function passesOver(specs: number): Promise<number> {
  const reconciler = new Reconciler({ ...timings(1), reconcileIdleMs: 500 }, [async () => false]);
  const none = { size: 0 };
  // All that the loop itself looks at.
  reconciler.start({ specs: { volumes: { size: specs }, replicas: none, nexuses: none } } as unknown as Core);
  await vi.advanceTimersByTimeAsync(9_900);
  await reconciler.stop();
  return reconciler.passes;
}

it('comes at its usual pace, and less often where a pass goes through very much', async () => {
  expect(await passesOver(0)).toBe(20);
  expect(await passesOver(10_000)).toBe(20);
  expect(await passesOver(100_000)).toBe(2);
});
