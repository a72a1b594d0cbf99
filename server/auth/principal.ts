import { PERMISSIONS, type Permission, type Role } from '@/contract/permission';
import type { AuthMode } from '@/contract/session';
import type { Failure } from '../http/problem';
import type { Birth } from './revocations';

/** Who makes a request, as the sign-in says. */
export interface Principal {
  mode: AuthMode;
  /** Of the identity provider; with `subject` it names one person for ever. */
  issuer: string;
  subject: string;
  /** What people call them; for the screen and the audit log, never for a decision. */
  name: string;
  groups: readonly string[];
  /** Undefined: signed in, and nothing gives them a role. */
  role: Role | undefined;
  /** What a page must send back with a change. */
  csrf: string;
  /** Of the cookie; undefined where every request carries its own proof (trusted-proxy). */
  session: { id: string; expiresAt: number; birth: Birth } | undefined;
}

/** One person, whatever the session; names and mail addresses can change hands, this cannot. */
export const personOf = (p: Pick<Principal, 'issuer' | 'subject'>): string => JSON.stringify([p.issuer, p.subject]);

/** What limits are counted by: the session, or the person where there is none. */
export const limitKeyOf = (p: Principal): string => p.session?.id ?? personOf(p);

const RANK: Record<Role | 'anyone', number> = { anyone: 0, viewer: 1, operator: 2, admin: 3, breakglass: 4 };

/** Why `principal` may not do that by their role, or undefined when they may. */
export function roleRefusal(principal: Principal, permission: Permission): Failure | undefined {
  const { least, what } = PERMISSIONS[permission];
  const has = principal.role ?? 'anyone';
  if (RANK[has] >= RANK[least]) return undefined;
  if (has === 'anyone')
    return {
      code: 'forbidden',
      detail: `You are signed in as ${principal.name}, but nothing gives you a role in this console.`,
      nextStep: 'Ask its administrator to give one of your groups a role.',
    };
  return {
    code: 'forbidden',
    detail: `You are signed in with the role ${has}; to ${what} takes the role ${least}.`,
    nextStep: 'Ask somebody who has that role.',
  };
}
