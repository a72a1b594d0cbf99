'use client';
import { Trash2 } from 'lucide-react';
import { useId, useState } from 'react';
import { Button, IconButton } from './Button';
import { CopyButton } from './CopyButton';
import type { ToolProps } from './list-types';
import { readPlace, viewQuery } from './list-url';
import { nameRefusal, readViews, type SavedView, withView, writeViews } from './saved-views';

/** Filter, order and columns under a name. Each view is an address, too, which can be given to somebody else. */
export function ListViewsPanel({ name: list, title, state }: ToolProps) {
  // The panel is made in the browser only, so there is a storage, though it may be blocked.
  const [views, setViews] = useState(() => readViews(list, window.localStorage));
  const [name, setName] = useState('');
  const [trouble, setTrouble] = useState<string>();
  const field = useId();
  const here = viewQuery(window.location.search, state.defaultSort);
  const { origin, pathname } = window.location;
  const keep = (next: SavedView[]) => {
    setViews(next);
    setTrouble(
      writeViews(list, next, window.localStorage) ? undefined : 'This browser keeps nothing; copy the link instead.',
    );
  };
  const open = ({ query }: SavedView) => {
    const { q, sort, cols, density } = readPlace(new URLSearchParams(query), state.defaultSort);
    state.set({ q, sort, cols, density, row: undefined, offset: 0 });
  };
  return (
    <div className="flex flex-col gap-3">
      <form
        className="flex flex-col gap-1"
        onSubmit={(e) => {
          e.preventDefault();
          const refusal = nameRefusal(name);
          if (refusal) return setTrouble(refusal);
          keep(withView(views, { name, query: here }));
          setName('');
        }}
      >
        <label htmlFor={field} className="font-medium">
          Keep this view as
        </label>
        <div className="flex gap-2">
          <input
            id={field}
            value={name}
            maxLength={80}
            autoComplete="off"
            aria-describedby={trouble ? `${field}-trouble` : undefined}
            onChange={(e) => setName(e.target.value)}
            className="min-h-8 min-w-0 flex-1 rounded-md border border-line-strong bg-surface px-2"
          />
          <Button type="submit">Save</Button>
        </div>
        {trouble && (
          <p id={`${field}-trouble`} role="alert" className="text-bad">
            {trouble}
          </p>
        )}
        <p className="text-[0.86rem] text-ink-2">Filter, order, columns and density, in this browser.</p>
      </form>
      {views.length === 0 ? (
        <p className="text-ink-2">No views of {title.toLowerCase()} are saved.</p>
      ) : (
        <ul aria-label="Saved views" className="flex flex-col">
          {views.map((v) => (
            <li key={v.name} className="flex min-h-8 items-center gap-1">
              <button
                type="button"
                aria-current={v.query === here ? 'true' : undefined}
                className="min-w-0 flex-1 truncate text-left text-accent underline-offset-2 hover:underline aria-[current]:font-medium"
                onClick={() => open(v)}
              >
                {v.name}
              </button>
              <CopyButton
                text={`${origin}${pathname}${v.query ? `?${v.query}` : ''}`}
                label={`Copy the link of ${v.name}`}
              />
              <IconButton
                label={`Delete the view ${v.name}`}
                onClick={() => keep(views.filter((x) => x.name !== v.name))}
              >
                <Trash2 aria-hidden size={15} />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
