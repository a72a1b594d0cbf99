// Writes the OpenAPI document to docs/openapi.json, or compares it with --check. Run with `node --import tsx`.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { allRoutes } from '../app/api/v1/all-routes.ts';
import { openApiDocument } from '../server/http/openapi.ts';

const file = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));
const { version } = JSON.parse(readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8'));
const text = `${JSON.stringify(openApiDocument(allRoutes(), version), null, 2)}\n`;

if (process.argv.includes('--check')) {
  let before = '';
  try {
    before = readFileSync(file, 'utf8');
  } catch {
    // Not written yet: different, then.
  }
  if (before !== text) {
    console.error('docs/openapi.json is not what the routes say: run `node --import tsx scripts/openapi.mjs`.');
    process.exit(1);
  }
} else {
  writeFileSync(file, text);
  console.log(`docs/openapi.json: ${Object.keys(JSON.parse(text).paths).length} paths`);
}
