import type { Consequence, DryRun, Operation } from '@/contract/operation';
import type { Permission } from '@/contract/permission';
import { consequenceHash } from '../advice/consequences';
import type { Principal } from '../auth/principal';
import { personOf } from '../auth/principal';
import { type Answer, answer, fail } from '../http/answer';
import type { Failure } from '../http/problem';
import type { Cluster } from '../runtime';
import type { Change } from './change';
import { derivedId } from './derived-id';

/** Who asks for a change, and how. */
export interface Asking {
  cluster: Cluster;
  principal: Principal;
  dryRun: boolean;
  ifMatch: string | undefined;
  idempotencyKey: string | undefined;
  refuseAlso(permission: Permission): Promise<Failure | undefined>;
}

/** A change that was checked. */
export interface Prepared {
  change: Change;
  consequences: Consequence[];
  /** What must be typed: the first is what people are asked for. Absent: nothing. */
  confirm?: { names: readonly [string, ...string[]]; typed: string; consequence: string | undefined };
  /** The request, where a repeat with the same Idempotency-Key is the same one. */
  request?: unknown;
}

/** Tells what a change would do, or begins it: the last look at what a person has confirmed. */
export function proceed(asking: Asking, prepared: Prepared): Answer<Operation | DryRun> {
  const { change, consequences, confirm } = prepared;
  const { operations } = asking.cluster;
  const consequence = consequenceHash(consequences);
  if (asking.dryRun) {
    const confirmName = confirm?.names[0] ?? null;
    return answer({ dryRun: true, ...operations.describe(change), consequences, consequence, confirm: confirmName });
  }
  if (confirm) {
    const refusal = confirmRefusal(confirm, consequence);
    if (refusal) return fail(refusal);
  }
  const key = scopedKey(asking);
  const started = operations.start(
    change,
    key === undefined || prepared.request === undefined ? undefined : { key, request: prepared.request },
  );
  return started.ok ? answer(started.operation, { status: 202 }) : fail(started.failure);
}

function confirmRefusal(confirm: NonNullable<Prepared['confirm']>, consequence: string): Failure | undefined {
  const [name] = confirm.names;
  // Byte for byte: no case, no space, no look-alike is forgiven.
  if (!confirm.names.includes(confirm.typed)) {
    return {
      code: 'confirm_mismatch',
      detail: `Type the name, ${name}, to confirm.`,
      fields: [{ path: 'confirm', message: `must be ${name}` }],
    };
  }
  if (confirm.consequence === undefined) {
    return {
      code: 'precondition_required',
      detail: 'Say with `consequence` what you were told would be lost, so that nothing else is.',
      nextStep: 'Ask the same with ?dryRun=true; its answer has it.',
      fields: [{ path: 'consequence', message: 'is missing' }],
    };
  }
  if (confirm.consequence === consequence) return undefined;
  return {
    code: 'consequences_changed',
    detail: 'What would be lost has changed since you were asked, and nothing was done.',
    nextStep: 'Look at the consequences again, then confirm them.',
  };
}

/** An Idempotency-Key is one person's: another's of the same text is another. */
function scopedKey({ principal, idempotencyKey }: Asking): string | undefined {
  return idempotencyKey === undefined ? undefined : `${personOf(principal)} ${idempotencyKey}`;
}

/** What a repeated request got before; undefined when it is new. */
export function repeated(asking: Asking, request: unknown): Answer<Operation> | undefined {
  const before = asking.dryRun ? undefined : asking.cluster.operations.repeated(scopedKey(asking), request);
  if (!before) return undefined;
  return before.ok ? answer(before.operation, { status: 202 }) : fail(before.failure);
}

/** The id of what a request creates; the same for a repeat, whatever happened to the console in between. */
export function createdId(asking: Asking, kind: 'volume' | 'snapshot'): string {
  return derivedId(personOf(asking.principal), asking.cluster.id, kind, asking.idempotencyKey ?? '');
}
