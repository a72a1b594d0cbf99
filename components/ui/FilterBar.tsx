'use client';
import { X } from 'lucide-react';
import { useRef, useState } from 'react';
import { parseFilter, printTerm } from '@/contract/filter';
import type { Facets } from '@/contract/filter-complete';
import { hasValue, removeTerm, toggleValue } from '@/contract/filter-edit';
import type { FilterKeys } from '@/contract/lists';
import { FilterField } from './FilterField';

interface Chip {
  /** Filter key and value, `status:degraded`. */
  key: string;
  value: string;
  label: string;
  count: number;
}

interface Props {
  q: string;
  onChange: (q: string) => void;
  chips: readonly Chip[];
  placeholder: string;
  /** What one can filter by, for completion and errors; without it any key passes. */
  keys?: FilterKeys;
  facets?: Facets;
}

/** Text and chips as two views of one filter: the conditions that hold, and values that can be pressed. */
export function FilterBar({ q, onChange, chips, placeholder, keys, facets }: Props) {
  const field = useRef<HTMLInputElement>(null);
  // What is being typed, of which filter, and what it was sent as: another filter in the address makes it void.
  const [draft, setDraft] = useState({ of: q, sent: q, text: q });
  if (draft.sent === q && draft.of !== q) setDraft({ ...draft, of: q });
  const text = draft.of === q || draft.sent === q ? draft.text : q;
  const send = (next: string) => {
    const sent = next.trim();
    setDraft({ of: q, sent, text: next });
    if (sent !== q) onChange(sent);
  };
  return (
    <div className="flex flex-col gap-2">
      <search className="flex max-w-2xl items-start gap-2">
        <FilterField
          field={field}
          text={text}
          onText={(next) => setDraft({ of: q, sent: q, text: next })}
          onSend={send}
          placeholder={placeholder}
          keys={keys}
          facets={facets}
        />
        {q !== '' && (
          <button
            type="button"
            aria-label="Clear the filter"
            className="rounded-md p-2 text-ink-2 hover:bg-surface-2"
            onClick={() => send('')}
          >
            <X aria-hidden size={16} />
          </button>
        )}
      </search>
      <Conditions q={q} onChange={send} field={field} />
      {chips.length > 0 && (
        // On a phone one line that scrolls: the rows are what one came for.
        <fieldset className="flex min-w-0 gap-1.5 max-sm:overflow-x-auto max-sm:py-0.5 sm:flex-wrap">
          <legend className="sr-only">Quick filters</legend>
          {chips.map((c) => {
            const isOn = hasValue(q, c.key, c.value);
            return (
              <button
                key={`${c.key}:${c.value}`}
                type="button"
                aria-pressed={isOn}
                onClick={() => send(toggleValue(q, c.key, c.value))}
                className={`min-h-7 rounded-full border px-2.5 text-[0.9rem] whitespace-nowrap ${isOn ? 'border-accent bg-busy-bg text-busy' : 'border-line-strong text-ink hover:bg-surface-2'}`}
              >
                {c.label} <span className="tabular text-ink-2">{c.count.toLocaleString('en')}</span>
              </button>
            );
          })}
        </fieldset>
      )}
    </div>
  );
}

/** Every condition that holds as a chip: its name leads to its place in the text, its cross takes it out. */
function Conditions({
  q,
  onChange,
  field,
}: Pick<Props, 'q' | 'onChange'> & { field: React.RefObject<HTMLInputElement | null> }) {
  const parsed = parseFilter(q);
  if (!parsed.ok || parsed.terms.length === 0) return null;
  return (
    <ul aria-label="Conditions" className="flex flex-wrap gap-1.5">
      {parsed.terms.map((term, i) => {
        const words = printTerm(term);
        return (
          <li
            key={`${term.start} ${words}`}
            className="flex min-h-7 max-w-full items-center rounded-md border border-line bg-surface-2 text-[0.9rem]"
          >
            <button
              type="button"
              aria-label={`Change ${words}`}
              className="min-h-7 min-w-0 truncate pl-2 hover:text-accent"
              onClick={() => {
                field.current?.focus();
                field.current?.setSelectionRange(term.start, term.end);
              }}
            >
              {words}
            </button>
            <button
              type="button"
              aria-label={`Remove ${words}`}
              className="min-h-7 px-1.5 text-ink-2 hover:text-ink"
              onClick={() => onChange(removeTerm(q, i))}
            >
              <X aria-hidden size={13} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** Chips for one facet, most frequent first, at most `most`; each makes a filter that can be read. */
export function chipsOf(facets: Facets | undefined, facet: string, label: (value: string) => string, most = 8): Chip[] {
  return Object.entries(facets?.[facet] ?? {})
    .filter(([value]) => value !== '') // "none" needs words of its own; the text has it: node:""
    .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0], 'en', { numeric: true }))
    .slice(0, most)
    .map(([value, count]) => ({ key: facet, value, label: label(value), count }));
}
