'use client';
import { type ComponentProps, type ReactNode, useId } from 'react';

const INPUT =
  'w-full min-h-9 rounded-md border bg-surface px-2.5 py-1 text-ink placeholder:text-unknown aria-invalid:border-bad border-line-strong';

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong with the value, in words; said by the field itself. */
  error?: string;
}

function Frame({ label, hint, error, id, children }: FieldProps & { id: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className="text-[0.93rem] text-ink-2">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-[0.93rem] font-medium text-bad">
          {error}
        </p>
      )}
    </div>
  );
}

const describedBy = (id: string, p: FieldProps): string | undefined =>
  [p.hint ? `${id}-hint` : '', p.error ? `${id}-error` : ''].filter(Boolean).join(' ') || undefined;

/** One line of text with its label, hint and error. */
export function TextField({ label, hint, error, className = '', ...input }: FieldProps & ComponentProps<'input'>) {
  const id = useId();
  return (
    <Frame label={label} hint={hint} error={error} id={id}>
      <input
        autoComplete="off"
        spellCheck={false}
        {...input}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, { label, hint, error })}
        className={`${INPUT} ${className}`}
      />
    </Frame>
  );
}

/** A choice from a list. */
export function SelectField({ label, hint, error, children, ...select }: FieldProps & ComponentProps<'select'>) {
  const id = useId();
  return (
    <Frame label={label} hint={hint} error={error} id={id}>
      <select
        {...select}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, { label, hint, error })}
        className={INPUT}
      >
        {children}
      </select>
    </Frame>
  );
}

/** A yes or no, with what it means. */
export function CheckField({
  label,
  hint,
  ...input
}: { label: ReactNode; hint?: ReactNode } & ComponentProps<'input'>) {
  const id = useId();
  return (
    <div className="flex items-start gap-2">
      <input
        {...input}
        type="checkbox"
        id={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="mt-0.5 size-4.5 shrink-0 accent-(--accent)"
      />
      <div>
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-[0.93rem] text-ink-2">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}

/** One of a few, all of them visible. */
export function RadioField<V extends string>({
  legend,
  name,
  value,
  options,
  onChange,
}: {
  legend: string;
  name: string;
  value: V;
  options: ReadonlyArray<{ value: V; label: string; hint?: string }>;
  onChange: (value: V) => void;
}) {
  const id = useId();
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-medium">{legend}</legend>
      {options.map((o) => (
        <div key={o.value} className="flex items-start gap-2">
          <input
            type="radio"
            id={`${id}-${o.value}`}
            name={name}
            checked={value === o.value}
            onChange={() => onChange(o.value)}
            aria-describedby={o.hint ? `${id}-${o.value}-hint` : undefined}
            className="mt-0.5 size-4.5 shrink-0 accent-(--accent)"
          />
          <div>
            <label htmlFor={`${id}-${o.value}`}>{o.label}</label>
            {o.hint && (
              <p id={`${id}-${o.value}-hint`} className="text-[0.93rem] text-ink-2">
                {o.hint}
              </p>
            )}
          </div>
        </div>
      ))}
    </fieldset>
  );
}
