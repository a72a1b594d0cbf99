// npm run test:faults: the console in production form against broken networks, upstreams, disks, clocks and input
// (docs/standing.md). Builds what is not up to date. --long: also leaks and churn, and longer forms of the others;
// --seeds N: so many seeds for each fuzzed route and for the upstreams' replies.
import { spawnSync } from 'node:child_process';
import { build, root } from './run.mjs';

const args = process.argv.slice(2);
const files = [];
const env = {};
for (let i = 0; i < args.length; i += 1) {
  const [name, value] = args[i].split('=', 2);
  if (name === '--long') env.FAULTS_LONG = '1';
  else if (name === '--seeds') {
    const seeds = value ?? args[++i];
    if (!/^[1-9]\d{0,6}$/.test(seeds ?? '')) {
      console.error('test:faults: --seeds takes a number from 1 to 9,999,999');
      process.exit(2);
    }
    env.FAULTS_SEEDS = seeds;
  } else if (name.startsWith('-')) {
    console.error(`test:faults: unknown option ${name}; known are --long and --seeds N, and names of files`);
    process.exit(2);
  } else files.push(args[i]);
}
if (env.FAULTS_LONG && !env.FAULTS_SEEDS) env.FAULTS_SEEDS = '10000';

build();
const { status } = spawnSync('node_modules/.bin/vitest', ['run', '--config', 'faults/vitest.config.ts', ...files], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, ...env },
});
process.exit(status ?? 1);
