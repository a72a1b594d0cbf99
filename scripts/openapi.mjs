// Prints the OpenAPI document that /api/v1/openapi.json serves: `node --import tsx scripts/openapi.mjs > openapi.json`.
import { readFileSync } from 'node:fs';
import { allRoutes } from '../app/api/v1/all-routes.ts';
import { openApiDocument } from '../server/http/openapi.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
process.stdout.write(`${JSON.stringify(openApiDocument(allRoutes(), version), null, 2)}\n`);
