import type { IncomingMessage } from 'node:http';
import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js';
import { Severity } from 'csp_evaluator/dist/finding.js';
import { CspParser } from 'csp_evaluator/dist/parser.js';
import { describe, expect, it } from 'vitest';
import { clientAddress, Networks } from './client-address';
import { DATA_POLICY, pagePolicy } from './headers';

const findings = (policy: string) =>
  new CspEvaluator(new CspParser(policy).csp)
    .evaluate()
    .filter((f) => f.severity < Severity.NONE)
    .map((f) => `${Severity[f.severity]} ${f.directive}: ${f.description}`);

describe('the policies', () => {
  it('of pages and of data leave nothing to find for csp_evaluator', () => {
    expect(findings(pagePolicy(Buffer.alloc(16, 1).toString('base64')))).toEqual([]);
    expect(findings(DATA_POLICY)).toEqual([]);
    // It does find something where there is something.
    expect(findings("script-src 'unsafe-inline' *")).not.toEqual([]);
  });
  it('of pages let text become code nowhere', () => {
    const policy = pagePolicy('abc');
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types default");
    expect(policy).not.toMatch(/unsafe-(eval|hashes)|script-src[^;]*unsafe-inline|http:|\*/);
  });
});

describe('whom a request is counted against', () => {
  const proxies = new Networks(['10.0.0.0/8', 'fd00::/8']);
  const from = (remoteAddress: string, ...forwarded: string[]) =>
    clientAddress(
      {
        socket: { remoteAddress },
        rawHeaders: forwarded.flatMap((f) => ['X-Forwarded-For', f]),
      } as unknown as IncomingMessage, // the two fields that are read
      proxies,
    );
  it.each<[string, string, string[], string]>([
    ['the peer', '192.0.2.1', [], '192.0.2.1'],
    ['the peer, whatever it says', '192.0.2.1', ['1.1.1.1'], '192.0.2.1'],
    ['an IPv4 peer over IPv6', '::ffff:192.0.2.1', [], '192.0.2.1'],
    ['whom a proxy names', '10.1.2.3', ['198.51.100.7'], '198.51.100.7'],
    ['the nearest that is no proxy', '10.1.2.3', ['1.1.1.1, 198.51.100.7, 10.9.9.9'], '198.51.100.7'],
    ['the same by several headers', 'fd00::1', ['1.1.1.1', '198.51.100.7'], '198.51.100.7'],
    ['the proxy, when it names nobody', '10.1.2.3', ['unknown'], '10.1.2.3'],
    ['the proxy, when all are proxies', '10.1.2.3', ['10.0.0.1'], '10.1.2.3'],
  ])('is %s', (_what, peer, forwarded, want) => {
    expect(from(peer, ...forwarded)).toBe(want);
  });
});
