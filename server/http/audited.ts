import type { AuditLog, AuditSubject } from '../audit/audit';
import { type Answer, fail } from './answer';

/**
 * Carries a change out between two records: its intent, which must be written first, and what became of it. Nothing is done
 * when the intent cannot be written.
 */
export async function audited<T>(
  audit: AuditLog,
  subject: AuditSubject,
  change: () => Answer<T> | Promise<Answer<T>>,
): Promise<Answer<T>> {
  let intent: Awaited<ReturnType<AuditLog['intent']>>;
  try {
    intent = await audit.intent(subject);
  } catch {
    return fail({
      code: 'audit_unavailable',
      detail: 'The audit log cannot be written, so nothing was done.',
      nextStep: 'Whatever takes the console’s standard output has stopped; put that right first.',
      retryAfterSeconds: 5,
    });
  }
  try {
    const result = await change();
    if (!result.ok) intent.outcome('refused', { error: result.failure.code });
    else if (result.status === 202) intent.outcome('accepted', { operation: idOf(result.value) });
    else intent.outcome('ok');
    return result;
  } catch (error) {
    intent.outcome('unknown', { error: 'internal' });
    throw error;
  }
}

const idOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : '';
