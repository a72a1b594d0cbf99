import { expect, it } from 'vitest';
import type { AuditRecord } from '@/contract/audit';
import { outcomeOf, requestOf } from './audit-words';

const record: AuditRecord = {
  stream: 'audit',
  v: 1,
  seq: 1,
  instance: 'i',
  prev: '',
  ts: '2026-11-26T07:00:00.000Z',
  phase: 'outcome',
  id: 'a',
  requestId: null,
  actor: null,
  address: null,
  action: 'volumes:delete',
  summary: 'Delete a volume',
  object: { cluster: 'c1', uuid: 'v1' },
  request: { confirm: 'shop-db', consequence: 'v1-x', force: 'false', empty: '' },
  dryRun: false,
  result: 'ok',
  error: null,
  operation: null,
  durationMs: 1,
};

it.each<[Partial<AuditRecord>, string, string]>([
  [{ phase: 'intent', result: null }, 'busy', 'Asked for'],
  [{ phase: 'intent', result: null, dryRun: true }, 'busy', 'Asked for, dry run'],
  [{}, 'ok', 'Done'],
  [{ result: 'accepted' }, 'busy', 'Started'],
  [{ result: 'refused', error: 'forbidden' }, 'warn', 'Refused: forbidden'],
  [{ result: 'failed', error: 'internal' }, 'bad', 'Failed: internal'],
  [{ result: 'unknown' }, 'unknown', 'Not known'],
])('says of %j what became of it', (change, tone, words) => {
  expect(outcomeOf({ ...record, ...change })).toEqual({ tone, words });
});

it('names the object and what was asked, without the cluster that the page is of', () => {
  expect(requestOf(record)).toBe('v1, confirm: shop-db, force: false');
});
