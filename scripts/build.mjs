// npm run build: protocol code, the console (next build) and both programs (esbuild). Skips what is up to date.
// --only gen|next|server|embedded builds one part; --check builds nothing and ends with 1 when a part is not up to date.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const PARTS = ['gen', 'next', 'server', 'embedded'];
const isCheck = process.argv.includes('--check');
const at = process.argv.indexOf('--only');
const only = at >= 0 ? process.argv[at + 1] : undefined;
if (only !== undefined && !PARTS.includes(only)) {
  console.error(`build: --only takes one of ${PARTS.join(', ')}`);
  process.exit(2);
}

/** Files that a part is made of; its stamp is a hash over them. */
const SOURCES = {
  gen: ['proto', 'buf.gen.yaml'],
  next: [
    'app',
    'components',
    'contract',
    'server',
    'public',
    'proto',
    'next.config.js',
    'postcss.config.mjs',
    'tsconfig.json',
    'package-lock.json',
  ],
  server: ['server', 'contract', 'app/api', 'proto', 'package-lock.json'],
  embedded: ['embedded', 'proto', 'package-lock.json'],
};
const OUTPUT = {
  gen: 'gen/v1/volume/volume.ts',
  next: '.next/BUILD_ID',
  server: 'dist/server.mjs',
  embedded: 'dist/embedded.mjs',
};

function files(place) {
  if (!existsSync(place)) return [];
  const entries = readdirSync(place, { withFileTypes: true, recursive: false });
  return entries.flatMap((e) => (e.isDirectory() ? files(path.join(place, e.name)) : [path.join(place, e.name)]));
}

function stampOf(part) {
  const hash = createHash('sha256').update(process.version);
  for (const source of SOURCES[part]) {
    const list = /\.[a-z]+$/.test(source) && !source.includes('/') ? [source] : files(source).sort();
    for (const file of list) hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex');
}

const bundle = (entry, outfile) =>
  build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
  });

function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

const MAKE = {
  gen: () => run('node_modules/.bin/buf', ['generate']),
  next: () => run('node_modules/.bin/next', ['build'], { NODE_ENV: 'production' }),
  server: () => bundle('server/main.ts', OUTPUT.server),
  embedded: () => bundle('embedded/main.ts', OUTPUT.embedded),
};

mkdirSync('dist', { recursive: true });
// What one part is made of may need the protocol code, so that comes first.
for (const part of only === undefined || only === 'gen' ? PARTS : ['gen', only]) {
  if (only !== undefined && part !== only && part !== 'gen') continue;
  const stampFile = `dist/.stamp-${part}`;
  const stamp = stampOf(part);
  const isCurrent = existsSync(OUTPUT[part]) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
  if (isCurrent) continue;
  if (isCheck) process.exit(1);
  console.log(`building: ${part}`);
  await MAKE[part]();
  writeFileSync(stampFile, stamp);
}
