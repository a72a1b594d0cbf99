import { describe, expect, it } from 'vitest';
import type { Finding } from '@/contract/overview';
import { groupFindings } from './findings-groups';

const volume = (name: string, healthy: number, why = 'Lost the copy on io-2.'): Finding => ({
  id: `volume:${name}`,
  severity: 'warning',
  title: `Volume ${name} has ${healthy} of 3 healthy copies`,
  why,
  since: null,
  next: 'It is repaired.',
  object: { kind: 'volume', id: `id-${name}`, name },
});
const node: Finding = {
  ...volume('io-2', 0),
  id: 'node:io-2',
  title: 'Node io-2 does not answer',
  object: { kind: 'node', id: 'io-2', name: 'io-2' },
};
const names = (findings: Finding[]) =>
  groupFindings(findings).map((g) => [g.first, ...g.others].map((f) => f.object.name));

describe('findings', () => {
  it('names volumes with the same loss for the same reason together, in the order of the first', () => {
    expect(names([node, volume('a', 2), volume('b', 1), volume('c', 2)])).toEqual([['io-2'], ['a', 'c'], ['b']]);
  });

  it('keeps apart what has another reason or fewer copies left, and whatever is no volume', () => {
    expect(names([volume('a', 2), volume('b', 2, 'The copy on io-3 is being rebuilt.')])).toEqual([['a'], ['b']]);
    expect(names([node, { ...node, id: 'node:io-3' }])).toHaveLength(2);
  });
});
