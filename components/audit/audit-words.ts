import type { AuditRecord } from '@/contract/audit';
import type { Tone } from '../ui/format';

/** What became of it, as tone and words. */
export function outcomeOf(r: AuditRecord): { tone: Tone; words: string } {
  const dry = r.dryRun ? ', dry run' : '';
  if (r.phase === 'intent') return { tone: 'busy', words: `Asked for${dry}` };
  switch (r.result) {
    case 'ok':
      return { tone: 'ok', words: `Done${dry}` };
    case 'accepted':
      return { tone: 'busy', words: 'Started' };
    case 'refused':
      return { tone: 'warn', words: `Refused: ${r.error ?? 'no reason'}` };
    case 'failed':
      return { tone: 'bad', words: `Failed: ${r.error ?? 'no reason'}` };
    case 'unknown':
    case null:
      return { tone: 'unknown', words: 'Not known' };
  }
}

/** The object and what was asked for it, in one line. */
export function requestOf(r: AuditRecord): string {
  const { cluster: _, ...object } = r.object;
  const asked = Object.entries(r.request).filter(([key, value]) => value !== '' && key !== 'consequence');
  return [...Object.values(object), ...asked.map(([key, value]) => `${key}: ${value}`)].join(', ');
}
