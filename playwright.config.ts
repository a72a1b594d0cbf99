import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const chromium = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (p) => p && existsSync(p),
);

export default defineConfig({
  testDir: 'e2e',
  fullyParallel: true,
  workers: 1,
  retries: 0,
  // Generous, because a machine with two busy cores is no failure; what is awaited comes in a second or two on a quiet one.
  timeout: 240_000,
  expect: { timeout: 45_000 },
  use: {
    locale: 'en-GB',
    launchOptions: {
      executablePath: chromium,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
