'use client';
import { CircleCheck, CircleDashed, CircleHelp, CircleX, LoaderCircle } from 'lucide-react';
import { topics } from '@/contract/keys';
import type { Operation, OperationStep } from '@/contract/operation';
import { useTopic } from '../live/useTopic';
import { StatusBadge } from '../ui/Badge';
import { Skeleton } from '../ui/Card';
import { CodeBlock } from '../ui/CopyButton';
import { ProgressBar } from '../ui/meters';
import { ErrorPanel } from '../ui/states';

const STEP = {
  pending: { Icon: CircleDashed, ink: 'text-unknown', words: 'to do' },
  running: { Icon: LoaderCircle, ink: 'text-busy', words: 'under way' },
  succeeded: { Icon: CircleCheck, ink: 'text-ok', words: 'done' },
  failed: { Icon: CircleX, ink: 'text-bad', words: 'failed' },
  unknown: { Icon: CircleHelp, ink: 'text-unknown', words: 'outcome not known yet' },
} as const;

/** Follows a change to its end: its steps, their progress, and what went wrong. */
export function OperationFollower({ cluster, id }: { cluster: string; id: string }) {
  const { data, problem, retry } = useTopic(cluster, topics.operation(id));
  if (!data && problem) return <ErrorPanel problem={problem} onRetry={retry} />;
  if (!data) return <Skeleton lines={3} label="Loading the operation" />;
  return <OperationView operation={data} />;
}

export function OperationView({ operation: o }: { operation: Operation }) {
  return (
    <section aria-label={o.title} className="flex flex-col gap-3">
      <p className="flex flex-wrap items-center gap-2" role="status">
        <span className="font-medium">{o.title}</span>
        <StatusBadge status={o.state} />
      </p>
      <ol className="flex flex-col gap-2">
        {o.steps.map((s) => (
          <Step key={s.label} step={s} />
        ))}
      </ol>
      {o.state === 'unknown' && (
        <p className="text-ink-2">
          The control plane did not answer in time. The change may or may not have been made; the console reads the
          cluster again and does not repeat it by itself.
        </p>
      )}
      {o.problem && <ErrorPanel problem={o.problem} />}
      {o.command && (
        <details>
          <summary className="cursor-pointer text-ink-2">The same from the command line</summary>
          <div className="mt-2">
            <CodeBlock text={o.command} label="command" />
          </div>
        </details>
      )}
    </section>
  );
}

function Step({ step }: { step: OperationStep }) {
  const { Icon, ink, words } = STEP[step.state];
  return (
    <li className="flex gap-2">
      <Icon
        aria-hidden
        size={16}
        className={`mt-0.5 shrink-0 ${ink} ${step.state === 'running' ? 'animate-spin' : ''}`}
      />
      <div className="min-w-0 flex-1">
        <p>
          {step.label} <span className={`text-[0.93rem] ${ink}`}>({words})</span>
        </p>
        {step.detail && <p className="text-[0.93rem] break-words text-ink-2">{step.detail}</p>}
        {step.progress !== null && step.state === 'running' && (
          <div className="mt-1 flex max-w-md items-center gap-2">
            <ProgressBar percent={step.progress} label={step.label} />
            <span className="tabular text-[0.93rem] whitespace-nowrap">{Math.floor(step.progress)} %</span>
          </div>
        )}
      </div>
    </li>
  );
}
