import type { Operation, OperationStep } from '@/contract/operation';
import type { Failure } from '../http/problem';
import { problemOf } from '../http/problem';

/** How a step ended. `unknown`: neither done nor not done could be established. */
export type StepEnd = { ok: true; detail?: string } | { ok: false; failure: Failure; unknown?: boolean };

/** One step of an operation; `say` shows progress while it runs. */
export interface Step {
  label: string;
  run(say: (detail: string | null, progress: number | null) => void): Promise<StepEnd>;
}

/** Runs steps in order until one does not succeed; `show` is called with every change of the operation. */
export async function runSteps(
  start: Operation,
  steps: readonly Step[],
  now: () => number,
  show: (o: Operation) => void,
): Promise<Operation> {
  const time = () => new Date(now()).toISOString();
  let current = start;
  const update = (index: number, change: Partial<OperationStep>, rest: Partial<Operation> = {}) => {
    current = { ...current, ...rest, steps: current.steps.map((s, i) => (i === index ? { ...s, ...change } : s)) };
    show(current);
  };
  for (const [index, step] of steps.entries()) {
    update(index, { state: 'running', startedAt: time() });
    const end = await runStep(step, (detail, progress) => {
      const step = current.steps[index];
      if (step?.state === 'running' && (step.detail !== detail || step.progress !== progress))
        update(index, { detail, progress });
    });
    if (!end.ok) {
      const state = end.unknown ? 'unknown' : 'failed';
      const problem = { ...problemOf(end.failure, current.id), operationId: current.id };
      update(index, { state, endedAt: time(), detail: end.failure.detail }, { state, problem, endedAt: time() });
      return current;
    }
    update(index, { state: 'succeeded', endedAt: time(), ...(end.detail === undefined ? {} : { detail: end.detail }) });
  }
  current = { ...current, state: 'succeeded', endedAt: time() };
  show(current);
  return current;
}

async function runStep(step: Step, say: (detail: string | null, progress: number | null) => void): Promise<StepEnd> {
  try {
    return await step.run(say);
  } catch (error) {
    // An unforeseen error may have come after the change was sent.
    console.error(
      JSON.stringify({ level: 'error', step: step.label, error: error instanceof Error ? error.stack : String(error) }),
    );
    return {
      ok: false,
      unknown: true,
      failure: {
        code: 'internal',
        detail: 'An unexpected error in the console. Look at the object before repeating this.',
      },
    };
  }
}
