import type { ReactNode } from 'react';
import { goThere } from './anchor';

/** A titled section on a surface. */
export function Card({
  title,
  actions,
  children,
  id,
}: {
  title: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  id?: string;
}) {
  return (
    <section ref={goThere} className="min-w-0 rounded-lg border border-line bg-surface" id={id}>
      <header className="flex flex-wrap items-center justify-between gap-2 px-4 pt-3 pb-2">
        <h2>{title}</h2>
        {actions}
      </header>
      <div className="px-4 pb-4">{children}</div>
    </section>
  );
}

/** Facts as term and value, in as many columns as fit; `wide` ones, such as addresses, have a line of their own. */
export function KeyValue({
  items,
}: {
  items: ReadonlyArray<readonly [term: string, value: ReactNode, width?: 'wide']>;
}) {
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(11rem,1fr))] gap-x-6 gap-y-3">
      {items.map(([term, value, width]) => (
        <div key={term} className={`min-w-0 ${width ? 'col-span-full' : ''}`}>
          <dt className="text-[0.86rem] text-ink-2">{term}</dt>
          <dd className="break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-10 text-center">
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-prose text-ink-2">{children}</div>}
      {action}
    </div>
  );
}

/** Place holder of the size of what comes. */
export function Skeleton({ lines = 3, label = 'Loading' }: { lines?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-2 py-1">
      {Array.from({ length: lines }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all alike
        <div key={i} className="h-5 animate-pulse rounded bg-surface-2" style={{ width: `${92 - ((i * 17) % 40)}%` }} />
      ))}
    </div>
  );
}
