// npm run check: types, lint and format, import rules, unused code, supply chain, wire facts. One line each; exit 1 when one fails.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => `node_modules/.bin/${name}`;
const folders = ['app', 'components', 'contract', 'server', 'embedded', 'e2e', 'bench', 'faults'].filter((f) =>
  existsSync(`${root}/${f}`),
);

const depcruise = [
  '--require',
  './scripts/depcruise-tsx.cjs',
  'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
];

const checks = [
  ...(existsSync(`${root}/gen/v1`) ? [] : [['generated protocol code', bin('buf'), ['generate']]]),
  ...(existsSync(`${root}/next-env.d.ts`) ? [] : [['next types', bin('next'), ['typegen']]]),
  ['types', bin('tsc'), ['--noEmit']],
  ['lint and format', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['import rules', process.execPath, [...depcruise, '--config', '.dependency-cruiser.cjs', ...folders]],
  ['unused code', bin('knip'), []],
  ['supply chain', process.execPath, ['scripts/check-supply-chain.mjs']],
  ['wire facts', process.execPath, ['tools/wire/check-wire.mjs', 'proto', '--upto', '2.11', '--quiet']],
];

let failed = 0;
for (const [name, command, args] of checks) {
  const started = Date.now();
  const run = spawnSync(command, args, { cwd: root, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  const ok = run.status === 0;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (!ok) {
    failed += 1;
    console.log(`${run.stdout ?? ''}${run.stderr ?? ''}${run.error ? String(run.error) : ''}`.slice(-20_000));
  }
}
process.exitCode = failed === 0 ? 0 : 1;
