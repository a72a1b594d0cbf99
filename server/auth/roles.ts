import type { Role } from '@/contract/permission';

/** Groups (and single people, by subject) that have a role. */
export interface RoleRules {
  groups: Readonly<Record<Role, readonly string[]>>;
  subjects: Readonly<Record<Role, readonly string[]>>;
  /** Of those whom nothing names; undefined gives them nothing. */
  everyone: Role | undefined;
}

const STRONGEST_FIRST: readonly Role[] = ['breakglass', 'admin', 'operator', 'viewer'];

/** The strongest role that somebody's subject or groups give. Names are compared whole and by case. */
export function roleOf(rules: RoleRules, subject: string, groups: readonly string[]): Role | undefined {
  const given = STRONGEST_FIRST.find(
    (role) => rules.subjects[role].includes(subject) || groups.some((g) => rules.groups[role].includes(g)),
  );
  return given ?? rules.everyone;
}

/** Those of `groups` that a role rule names: only they are kept in a session, because a cookie has little room. */
export function meaningful(rules: RoleRules, groups: readonly string[]): string[] {
  return [...new Set(groups)].filter((g) => STRONGEST_FIRST.some((role) => rules.groups[role].includes(g)));
}
