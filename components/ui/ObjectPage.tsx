import type { ReactNode } from 'react';
import type { IoRate } from '@/contract/io';
import type { Problem } from '@/contract/problem';
import type { RowObserved } from '@/contract/source';
import { AsOf } from './AsOf';
import { StatusBadge } from './Badge';
import { IoFigures } from './IoFigures';
import { Missing } from './Missing';
import { PageHeader } from './PageHeader';
import { RawView } from './RawView';
import { Age } from './values';

/** What a page needs to know of an object whatever it is. */
interface Shown {
  row: {
    id: string;
    status: string;
    statusReason: string | null;
    io: IoRate | null;
    observed: RowObserved;
    since?: string | null;
  };
  raw: unknown;
}

interface Props<T extends Shown> {
  /** "Pool". */
  kind: string;
  id: string;
  back: { href: string; text: string };
  topic: { data: T | undefined; problem: Problem | undefined; retry: () => void };
  cordonOf: (data: T) => string;
  /** What stands before the rates, below the name. */
  facts: (data: T) => ReactNode;
  children: (data: T) => ReactNode;
}

/** The page of a node or a pool: its name and state, what is particular to it, and at the end what upstream said of it. */
export function ObjectPage<T extends Shown>({ kind, id, back, topic, cordonOf, facts, children }: Props<T>) {
  const { data, problem, retry } = topic;
  if (!data) return <Missing title={`${kind} ${id}`} problem={problem} onRetry={retry} back={back} />;
  const { row } = data;
  const cordon = cordonOf(data);
  return (
    <div className="flex flex-col gap-4">
      <PageHeader
        back={back}
        name={row.id}
        reason={row.statusReason}
        badges={
          <>
            <StatusBadge status={row.status} />
            {cordon !== 'none' && <StatusBadge status={cordon} />}
            {row.since && (
              <span className="text-ink-2">
                changed <Age at={row.since} />
              </span>
            )}
          </>
        }
      >
        <p className="flex flex-wrap items-center gap-x-5 gap-y-1 text-ink-2">
          {facts(data)}
          <IoFigures io={row.io} />
          <AsOf observed={row.observed} />
        </p>
      </PageHeader>
      {children(data)}
      <RawView value={data.raw} />
    </div>
  );
}
