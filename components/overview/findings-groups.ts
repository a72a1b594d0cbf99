import type { Finding } from '@/contract/overview';

/** Findings that say the same of several volumes: the first stands for all, `others` are named behind it. */
export interface FindingGroup {
  first: Finding;
  others: Finding[];
}

/** What a finding says, whichever volume it is about; other kinds are told apart. */
function sense(f: Finding): string {
  if (f.object.kind !== 'volume') return f.id;
  const words = f.title.replace(f.object.name, '');
  return JSON.stringify([f.severity, words, f.why, f.next]);
}

/**
 * Findings of volumes with the same weight, words and reason as one: a lost node must not fill the page with one sentence.
 * The order is that of the first of each.
 */
export function groupFindings(findings: readonly Finding[]): FindingGroup[] {
  const groups = new Map<string, FindingGroup>();
  for (const f of findings) {
    const key = sense(f);
    const group = groups.get(key);
    if (group) group.others.push(f);
    else groups.set(key, { first: f, others: [] });
  }
  return [...groups.values()];
}
