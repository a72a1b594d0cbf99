'use client';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { Button, IconButton } from './Button';
import { type ChosenColumn, moveColumn, printColumns, resizeColumn, toggleColumn } from './list-columns';
import type { ToolProps } from './list-types';

const DENSITIES = [
  ['comfortable', 'Comfortable'],
  ['compact', 'Compact'],
] as const;

/** Which columns, in which order, how wide, and how dense the rows are. Every change goes into the address. */
export function ListColumnsPanel({ state, columns, chosen }: ToolProps) {
  const change = (next: readonly ChosenColumn[]) => state.set({ cols: printColumns(next, columns) });
  const hidden = columns.filter((c) => !chosen.some((x) => x.key === c.key));
  const titleOf = (key: string) => columns.find((c) => c.key === key)?.title ?? key;
  return (
    <div className="flex flex-col gap-3">
      <fieldset className="flex flex-wrap gap-x-4 gap-y-1">
        <legend className="mb-1 font-medium">Rows</legend>
        {DENSITIES.map(([value, label]) => (
          <label key={value} className="flex min-h-7 items-center gap-1.5">
            <input
              type="radio"
              name="density"
              checked={state.density === value}
              onChange={() => state.set({ density: value })}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend className="mb-1 font-medium">Columns</legend>
        <ul className="flex flex-col">
          {[...chosen, ...hidden].map((c, i) => {
            const title = titleOf(c.key);
            const isShown = i < chosen.length;
            return (
              <li key={c.key} className="flex min-h-8 items-center gap-1">
                <label className="flex min-w-0 flex-1 items-center gap-2">
                  <input
                    type="checkbox"
                    checked={isShown}
                    disabled={i === 0}
                    onChange={() => change(toggleColumn(chosen, c.key))}
                  />
                  <span className="truncate">{title}</span>
                </label>
                {isShown && (
                  <>
                    <input
                      type="number"
                      aria-label={`Width of ${title} in pixels`}
                      placeholder="auto"
                      min={48}
                      max={1200}
                      step={10}
                      value={('widthPx' in c ? c.widthPx : undefined) ?? ''}
                      onChange={(e) =>
                        change(resizeColumn(chosen, c.key, e.target.value === '' ? undefined : Number(e.target.value)))
                      }
                      className="min-h-7 w-20 rounded-md border border-line-strong bg-surface px-2 text-right placeholder:text-ink-2"
                    />
                    <IconButton
                      label={`Move ${title} forward`}
                      aria-disabled={i < 2 || undefined}
                      onClick={() => change(moveColumn(chosen, c.key, -1))}
                    >
                      <ArrowUp aria-hidden size={15} className={i < 2 ? 'opacity-40' : ''} />
                    </IconButton>
                    <IconButton
                      label={`Move ${title} back`}
                      aria-disabled={i === 0 || i === chosen.length - 1 || undefined}
                      onClick={() => change(moveColumn(chosen, c.key, 1))}
                    >
                      <ArrowDown
                        aria-hidden
                        size={15}
                        className={i === 0 || i === chosen.length - 1 ? 'opacity-40' : ''}
                      />
                    </IconButton>
                  </>
                )}
              </li>
            );
          })}
        </ul>
      </fieldset>
      <div>
        <Button onClick={() => state.set({ cols: '', density: 'comfortable' })}>Show the usual columns</Button>
      </div>
    </div>
  );
}
