import { expect, it } from 'vitest';
import { killRounds } from './testing/kill-rounds';

it('loses and doubles no operation when it is killed at any moment', async () => {
  const report = await killRounds(Number(process.env.SEED ?? 1), 40);
  console.log(report);
  expect(report.kills).toBeGreaterThan(10);
});
