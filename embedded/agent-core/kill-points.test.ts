import { expect, it } from 'vitest';
import { killRounds } from './testing/kill-rounds';

// Run again it would not be the same: one loss is one too many.
it('loses and doubles no operation when it is killed at any moment', { retry: 0 }, async () => {
  const report = await killRounds(Number(process.env.SEED ?? 1), 40);
  console.log(report);
  expect(report.kills).toBeGreaterThan(10);
});
