import type { IncomingMessage, ServerResponse } from 'node:http';
import { printable } from '../audit/printable';
import { readBytes } from './read-bytes';
import { sendFailure } from './reply';

const TYPES = new Set(['application/reports+json', 'application/csp-report', 'application/json']);
const SHOWN = ['documentURL', 'blockedURL', 'effectiveDirective', 'sourceFile', 'lineNumber'];
const MAX_REPORTS = 8;

/** A browser's report that a page broke its policy: one line of JSON each on standard error, made printable. */
export async function takeReport(req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.method !== 'POST')
    return sendFailure(
      req,
      res,
      { code: 'method_not_allowed', detail: 'Reports are sent with POST.' },
      { allow: 'POST' },
    );
  const type = (req.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!TYPES.has(type))
    return sendFailure(req, res, { code: 'unsupported_media_type', detail: 'That is no report.' }, { close: true });
  const bytes = await readBytes(req);
  let reports: unknown;
  try {
    reports = JSON.parse(bytes.toString('utf8'));
  } catch {
    return sendFailure(req, res, { code: 'invalid_json', detail: 'The report is not JSON.' });
  }
  for (const report of [reports].flat().slice(0, MAX_REPORTS)) {
    console.error(JSON.stringify({ level: 'warn', event: 'csp-report', ...wordsOf(report) }));
  }
  res.statusCode = 204;
  res.end();
}

function wordsOf(report: unknown): Record<string, string> {
  const body = typeof report === 'object' && report !== null && 'body' in report ? report.body : report;
  if (typeof body !== 'object' || body === null) return {};
  const said = new Map<string, unknown>(Object.entries(body));
  return Object.fromEntries(
    SHOWN.flatMap((key) => {
      const value = said.get(key);
      // Anything else may have a `toString` of its own making.
      return typeof value === 'string' || typeof value === 'number' ? [[key, printable(String(value), 200)]] : [];
    }),
  );
}
