'use client';
import { type FormEvent, type ReactNode, useEffect } from 'react';
import type { DryRun } from '@/contract/operation';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { ErrorPanel } from '../ui/states';
import { OperationFollower } from './OperationFollower';
import { type Change, useChange } from './useChange';
import { useDryRun } from './useDryRun';

interface Props {
  cluster: string;
  title: string;
  /** Label of the button that does it. */
  verb: string;
  /** It takes something away: the server is asked what, and told that this is what was confirmed. */
  danger?: boolean;
  /** Why it cannot be sent yet: a field is wrong, the name is not typed. */
  refusal?: string;
  change: Change;
  onClose: () => void;
  children: ReactNode;
}

/** Asks, sends once, and then follows the change to its end in the same place. */
export function ChangeDialog({ cluster, title, verb, danger = false, refusal, change, onClose, children }: Props) {
  const { run, isSending, operation, problem } = useChange(cluster);
  const { confirm: _, ...wish } = change.body ?? {};
  const dryRun = useDryRun(cluster, change, { isWanted: danger && !operation, body: wish });
  const isOutdated = problem?.code === 'consequences_changed';
  const { again } = dryRun;
  useEffect(() => {
    if (isOutdated) again();
  }, [isOutdated, again]);
  const wait = isSending ? 'it is being sent' : danger && !dryRun.data ? 'the consequences are not known yet' : refusal;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (wait !== undefined) return;
    const { data } = dryRun;
    run(data ? { ...change, body: { ...change.body, consequence: data.consequence } } : change);
  };
  const failure = problem ?? dryRun.problem;
  return (
    <Dialog title={title} onClose={onClose}>
      {operation ? (
        <div className="flex flex-col gap-4">
          <OperationFollower cluster={cluster} id={operation.id} />
          <div className="flex justify-end">
            <Button onClick={onClose}>Close</Button>
          </div>
        </div>
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-4">
          {dryRun.data && <Losses dryRun={dryRun.data} />}
          {children}
          {failure && <ErrorPanel problem={failure} />}
          <div className="flex flex-wrap items-center justify-end gap-2">
            {refusal && <span className="mr-auto text-[0.93rem] text-ink-2">{refusal}</span>}
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" kind={danger ? 'danger' : 'primary'} refusal={wait}>
              {isSending ? 'Sending…' : verb}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

function Losses({ dryRun }: { dryRun: DryRun }) {
  return (
    <ul aria-label="What would happen" className="flex list-disc flex-col gap-1 pl-5">
      {dryRun.consequences.map((c) => (
        <li key={c.sentence} className={c.kind === 'loss' ? 'font-medium' : 'text-ink-2'}>
          {c.sentence}
        </li>
      ))}
    </ul>
  );
}
