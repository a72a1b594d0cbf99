'use client';
import { Bookmark, Columns3, Download } from 'lucide-react';
import dynamic from 'next/dynamic';
import { type ComponentType, useEffect, useId, useRef, useState } from 'react';
import type { ToolProps } from './list-types';

const loading = () => <p role="status">Loading …</p>;
// Seldom opened: they come when they are.
const TOOLS = [
  {
    label: 'Columns',
    Icon: Columns3,
    Panel: dynamic(() => import('./ListColumnsPanel').then((m) => m.ListColumnsPanel), { ssr: false, loading }),
  },
  {
    label: 'Views',
    Icon: Bookmark,
    Panel: dynamic(() => import('./ListViewsPanel').then((m) => m.ListViewsPanel), { ssr: false, loading }),
  },
  {
    label: 'Export',
    Icon: Download,
    Panel: dynamic(() => import('./ListExportPanel').then((m) => m.ListExportPanel), { ssr: false, loading }),
  },
] as const satisfies ReadonlyArray<{ label: string; Icon: ComponentType; Panel: ComponentType<ToolProps> }>;

/** Columns and density, saved views, export: a button each, with a panel below it. */
export function ListTools(props: ToolProps) {
  const [open, setOpen] = useState<string>();
  const box = useRef<HTMLFieldSetElement>(null);
  const id = useId();
  const tool = TOOLS.find((t) => t.label === open);
  const close = () => {
    box.current?.querySelector<HTMLButtonElement>('[aria-expanded="true"]')?.focus();
    setOpen(undefined);
  };
  useEffect(() => {
    if (open === undefined) return;
    const outside = (e: PointerEvent) => {
      if (e.target instanceof Node && !box.current?.contains(e.target)) setOpen(undefined);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  return (
    <fieldset
      ref={box}
      className="relative flex min-w-0 flex-wrap gap-1"
      onKeyDown={(e) => {
        if (e.key !== 'Escape' || open === undefined) return;
        e.stopPropagation();
        close();
      }}
    >
      <legend className="sr-only">{props.title}: how they are shown</legend>
      {TOOLS.map(({ label, Icon }) => (
        <button
          key={label}
          type="button"
          aria-expanded={open === label}
          aria-controls={open === label ? id : undefined}
          className="inline-flex min-h-8 items-center gap-1.5 rounded-md border border-transparent px-2.5 text-[0.93rem] text-ink-2 hover:bg-surface-2 hover:text-ink aria-expanded:border-line-strong aria-expanded:text-ink"
          onClick={() => setOpen(open === label ? undefined : label)}
        >
          <Icon aria-hidden size={15} />
          {label}
        </button>
      ))}
      {tool && (
        <section
          id={id}
          aria-label={`${tool.label} of ${props.title}`}
          className="absolute top-full right-0 z-10 mt-1 max-h-[70dvh] w-[min(26rem,calc(100vw-2rem))] overflow-auto rounded-lg border border-line-strong bg-surface p-4 shadow-lg max-sm:right-auto max-sm:left-0"
        >
          <tool.Panel {...props} />
        </section>
      )}
    </fieldset>
  );
}
