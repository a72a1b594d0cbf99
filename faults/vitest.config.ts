import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
const isLong = process.env.FAULTS_LONG === '1';
// Ten thousand seeds for each route take most of an hour.
const isPatient = isLong || process.env.FAULTS_SEEDS !== undefined;

// Apart from the other tests, because these take the production build: `npm run test:faults` builds what is not up to date.
export default defineConfig({
  root,
  resolve: { alias: { '@': root } },
  test: {
    include: ['faults/**/*.test.ts', ...(isLong ? ['faults/**/*.long.ts'] : [])],
    environment: 'node',
    testTimeout: isPatient ? 7_200_000 : 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: isLong ? 1 : 2,
  },
});
