'use client';
import { X } from 'lucide-react';
import { useState } from 'react';
import { parseFilter } from '@/contract/filter';
import { hasValue, toggleValue } from '@/contract/filter-edit';

interface Chip {
  /** Filter key and value, `status:degraded`. */
  key: string;
  value: string;
  label: string;
  count: number;
}

/** Text and chips as two views of one filter. */
export function FilterBar({
  q,
  onChange,
  chips,
  placeholder,
}: {
  q: string;
  onChange: (q: string) => void;
  chips: readonly Chip[];
  placeholder: string;
}) {
  // What is being typed and not yet sent; `of` tells when the URL has moved on under it.
  const [draft, setDraft] = useState({ of: q, text: q });
  const text = draft.of === q ? draft.text : q;
  const parsed = parseFilter(text);
  const has = (c: Chip) => hasValue(q, c.key, c.value);
  const toggle = (c: Chip) => onChange(toggleValue(q, c.key, c.value).trim());
  return (
    <div className="flex flex-col gap-2">
      <search>
        <form
          className="flex max-w-2xl items-center gap-2"
          onSubmit={(e) => {
            e.preventDefault();
            if (parsed.ok) onChange(text.trim());
          }}
        >
          <input
            aria-label="Filter"
            aria-invalid={!parsed.ok || undefined}
            aria-describedby={parsed.ok ? undefined : 'filter-error'}
            className="min-h-8 w-full rounded-md border border-line-strong bg-surface px-3 placeholder:text-ink-2"
            placeholder={placeholder}
            value={text}
            maxLength={512}
            onChange={(e) => setDraft({ of: q, text: e.target.value })}
            onBlur={() => parsed.ok && text.trim() !== q && onChange(text.trim())}
            spellCheck={false}
            autoComplete="off"
          />
          {q !== '' && (
            <button
              type="button"
              aria-label="Clear the filter"
              className="rounded-md p-1.5 text-ink-2 hover:bg-surface-2"
              onClick={() => onChange('')}
            >
              <X aria-hidden size={16} />
            </button>
          )}
        </form>
      </search>
      {!parsed.ok && (
        <p id="filter-error" role="alert" className="text-bad">
          At character {parsed.error.at + 1}: {parsed.error.message}
        </p>
      )}
      {chips.length > 0 && (
        <fieldset className="flex flex-wrap gap-1.5">
          <legend className="sr-only">Quick filters</legend>
          {chips.map((c) => (
            <button
              key={`${c.key}:${c.value}`}
              type="button"
              aria-pressed={has(c)}
              onClick={() => toggle(c)}
              className={`min-h-7 rounded-full border px-2.5 text-[0.9rem] ${has(c) ? 'border-accent bg-busy-bg text-busy' : 'border-line-strong text-ink hover:bg-surface-2'}`}
            >
              {c.label} <span className="tabular text-ink-2">{c.count.toLocaleString('en')}</span>
            </button>
          ))}
        </fieldset>
      )}
    </div>
  );
}

/** Chips for one facet, most frequent first, at most `most`; each makes a filter that can be read. */
export function chipsOf(
  facets: Record<string, Record<string, number>> | undefined,
  facet: string,
  label: (value: string) => string,
  most = 8,
): Chip[] {
  return Object.entries(facets?.[facet] ?? {})
    .filter(([value]) => value !== '') // "none" is no value that a filter can name
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, most)
    .map(([value, count]) => ({ key: facet, value, label: label(value), count }));
}
