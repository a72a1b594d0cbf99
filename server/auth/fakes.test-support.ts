import type { IncomingMessage } from 'node:http';
import { Role } from '@/contract/permission';
import { AuditLog } from '../audit/audit';
import { DEFAULT_LIMITS, type Limits } from '../limits/limits';
import { Traffic } from '../limits/traffic';
import type { Cluster, Runtime } from '../runtime';
import { Auth } from './auth';
import type { Identifier, Identity } from './identifier';
import type { Principal } from './principal';
import { Revocations } from './revocations';

export const TOKEN = 'the-token-of-this-session';

/** Somebody signed in, by role; `none` has none. */
export function testPrincipal(who: Role | 'none', change: Partial<Principal> = {}): Principal {
  return {
    mode: 'oidc',
    issuer: 'https://idp.test',
    subject: who,
    name: who,
    groups: [],
    role: who === 'none' ? undefined : who,
    csrf: TOKEN,
    session: { id: `session-${who}`, birth: { generation: '', mark: '' }, expiresAt: Number.MAX_SAFE_INTEGER },
    ...change,
  };
}

/** Takes the role that the header `x-test-who` names; `nobody` and nothing are nobody. */
export class HeaderIdentifier implements Identifier {
  readonly mode = 'oidc';
  readonly longestMs = 1_000;
  ended = new Set<string>();

  identify(req: IncomingMessage): Identity {
    const who = req.headers['x-test-who'];
    if (who === 'none') return { principal: testPrincipal('none') };
    const role = Role.safeParse(who);
    return role.success ? { principal: testPrincipal(role.data) } : {};
  }

  proves(): boolean {
    return true;
  }

  holds(principal: Principal): boolean {
    return !this.ended.has(principal.subject);
  }
}

export interface TestRuntime extends Runtime {
  identifier: HeaderIdentifier;
  revocations: Revocations;
  /** Lines of the audit log. */
  lines: string[];
  isDraining: boolean;
}

/** A runtime whose requests say themselves who asks. */
export function testRuntime(
  clusters: ReadonlyMap<string, Cluster>,
  options: { readOnly?: boolean; limits?: Partial<Limits>; now?: () => number } = {},
): TestRuntime {
  const now = options.now ?? Date.now;
  const identifier = new HeaderIdentifier();
  const revocations = new Revocations(now);
  const lines: string[] = [];
  const wide: Limits = {
    ...DEFAULT_LIMITS,
    readsPerSecond: 10_000,
    writesPerSecond: 1_000,
    anonymousPerSecond: 10_000,
  };
  const write = async (line: string) => void lines.push(line);
  return {
    version: 'test',
    instance: 'i',
    clusters,
    identifier,
    revocations,
    lines,
    isDraining: false,
    auth: new Auth({ identifier, revocations, readOnly: options.readOnly ?? false }),
    audit: new AuditLog({ instance: 'i', write, now, capacity: 100, patienceMs: 1_000 }),
    traffic: new Traffic({ ...wide, ...options.limits }, now),
  };
}
