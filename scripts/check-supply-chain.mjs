// npm run check:supply: what package.json, the lock file and .npmrc must hold (docs/security.md), and docs/third-party.md, which
// `--write` makes anew. There is no `npm audit` behind every registry: versions below the floors of supply-chain.json are refused.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { faultsOf, thirdPartyList } from './supply-chain.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path) => readFileSync(`${root}/${path}`, 'utf8');
const input = {
  manifest: JSON.parse(read('package.json')),
  lock: JSON.parse(read('package-lock.json')),
  npmrc: read('.npmrc'),
  rules: JSON.parse(read('scripts/supply-chain.json')),
};
const list = thirdPartyList(input.lock);
if (process.argv.includes('--write')) writeFileSync(`${root}/docs/third-party.md`, list);
const faults = faultsOf(input);
if (read('docs/third-party.md') !== list)
  faults.push('docs/third-party.md is old: node scripts/check-supply-chain.mjs --write');
for (const fault of faults) console.error(`supply chain: ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
