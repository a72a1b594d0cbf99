'use client';
import { type KeyboardEvent, type RefObject, useId, useLayoutEffect, useRef, useState } from 'react';
import { type FilterError, parseFilter } from '@/contract/filter';
import { applyCompletion, type Completion, completeFilter, type Facets } from '@/contract/filter-complete';
import type { FilterKeys } from '@/contract/lists';
import { isBeingTyped } from './filter-typing';

interface Props {
  field: RefObject<HTMLInputElement | null>;
  text: string;
  onText: (text: string) => void;
  /** The text as it is shall hold. */
  onSend: (text: string) => void;
  placeholder: string;
  keys: FilterKeys | undefined;
  facets: Facets | undefined;
}

/** The text of a filter: offers what can stand at the cursor, and shows the character that cannot. */
export function FilterField({ field, text, onText, onSend, placeholder, keys, facets }: Props) {
  const id = useId();
  const [cursor, setCursor] = useState<number>();
  const [choice, setChoice] = useState<number>();
  const [isOpen, setOpen] = useState(false);
  const [isAsked, setAsked] = useState(false);
  const wanted = useRef<number>(undefined);
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    field.current?.setSelectionRange(wanted.current, wanted.current);
    wanted.current = undefined;
  });

  const parsed = parseFilter(text, keys);
  const found = isOpen && keys && cursor !== undefined ? completeFilter(text, cursor, keys, facets) : undefined;
  const options = found?.options ?? [];
  const isListed = options.length > 0;
  const active = choice === undefined ? undefined : options[choice];
  const error =
    !parsed.ok && (isAsked || cursor === undefined || !isBeingTyped(text, cursor, parsed.error))
      ? parsed.error
      : undefined;

  const shut = () => {
    setOpen(false);
    setChoice(undefined);
  };
  const send = () => {
    shut();
    setAsked(true);
    if (parsed.ok) onSend(text);
  };
  const take = (option: Completion) => {
    if (!found) return;
    const next = applyCompletion(text, found, option);
    wanted.current = next.cursor;
    setCursor(next.cursor);
    setChoice(undefined);
    // A whole condition holds at once; after a key one goes on typing.
    if (option.open !== true && parseFilter(next.text, keys).ok) onSend(next.text);
    else onText(next.text);
    setOpen(option.open === true);
  };
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      if (!keys) return;
      e.preventDefault();
      if (!isListed) return setOpen(true);
      const step = e.key === 'ArrowDown' ? 1 : -1;
      const from = choice ?? (step === 1 ? -1 : options.length);
      setChoice((from + step + options.length) % options.length);
    } else if (e.key === 'Enter') {
      e.preventDefault();
      if (active) take(active);
      else send();
    } else if (e.key === 'Escape' && isListed) {
      e.preventDefault();
      shut();
    }
  };
  return (
    <div className="relative min-w-0 flex-1">
      <input
        ref={field}
        {...(keys
          ? {
              role: 'combobox',
              'aria-expanded': isListed,
              'aria-controls': isListed ? `${id}list` : undefined,
              'aria-autocomplete': 'list',
              'aria-activedescendant': active ? `${id}o${choice}` : undefined,
            }
          : {})}
        aria-label="Filter"
        aria-invalid={error !== undefined || undefined}
        aria-describedby={error ? `${id}error` : undefined}
        className="min-h-8 w-full rounded-md border border-line-strong bg-surface px-3 placeholder:text-ink-2"
        placeholder={placeholder}
        value={text}
        maxLength={512}
        onChange={(e) => {
          onText(e.target.value);
          setCursor(e.target.selectionStart ?? e.target.value.length);
          setChoice(undefined);
          setOpen(true);
          setAsked(false);
        }}
        onSelect={(e) => setCursor(e.currentTarget.selectionStart ?? undefined)}
        onBlur={() => {
          setCursor(undefined);
          send();
        }}
        onKeyDown={onKeyDown}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="none"
      />
      {isListed && (
        <ul
          id={`${id}list`}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the list of a combobox has no element of its own
          role="listbox"
          aria-label="What can stand here"
          className="absolute top-full right-0 left-0 z-20 mt-1 max-h-80 overflow-auto rounded-lg border border-line-strong bg-surface py-1 shadow-lg"
        >
          {options.map((option, i) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard stays in the field, which names the active option
            <li
              key={`${option.kind} ${option.insert}`}
              id={`${id}o${i}`}
              // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: an option of the list above
              role="option"
              aria-selected={i === choice}
              tabIndex={-1}
              className={`flex cursor-pointer items-baseline gap-3 px-3 py-1 ${i === choice ? 'bg-busy-bg' : 'hover:bg-surface-2'}`}
              onPointerDown={(e) => e.preventDefault()}
              onClick={() => take(option)}
            >
              <span className="font-medium">{option.label === '' ? '(none)' : option.label}</span>
              {option.detail !== undefined && <span className="min-w-0 truncate text-ink-2">{option.detail}</span>}
              {option.count !== undefined && (
                <span className="tabular ml-auto text-ink-2">{option.count.toLocaleString('en')}</span>
              )}
            </li>
          ))}
        </ul>
      )}
      {error && <Wrong id={`${id}error`} text={text} error={error} />}
    </div>
  );
}

/** The offending character in its text, and what is wrong with it. */
function Wrong({ id, text, error }: { id: string; text: string; error: FilterError }) {
  const from = Math.max(0, error.at - 24);
  return (
    <p id={id} role="alert" className="mt-1 text-bad">
      At character {error.at + 1}: {error.message}
      <code aria-hidden className="mt-0.5 block truncate text-ink-2">
        {from > 0 && '…'}
        {text.slice(from, error.at)}
        <mark className="bg-bad-bg font-bold text-bad underline">{text[error.at] ?? '␣'}</mark>
        {text.slice(error.at + 1, error.at + 40)}
      </code>
    </p>
  );
}
