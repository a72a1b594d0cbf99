import type Link from 'next/link';
import type { ButtonHTMLAttributes, ComponentProps, ReactNode } from 'react';
import { PointedLink } from './PointedLink';

const BASE =
  'inline-flex min-h-8 items-center justify-center gap-1.5 rounded-md border px-3 py-1 text-[0.93rem] font-medium disabled:opacity-60';
const KINDS = {
  primary: 'border-transparent bg-accent text-accent-ink hover:brightness-110',
  plain: 'border-line-strong bg-surface text-ink hover:bg-surface-2',
  quiet: 'border-transparent text-ink hover:bg-surface-2',
  danger: 'border-bad text-bad bg-surface hover:bg-bad-bg',
};

/** Not to be used now; its reason must stay readable, so it is not made pale as a whole. */
const REFUSED = 'relative border-line bg-surface-2 text-unknown';

export type ButtonKind = keyof typeof KINDS;

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: ButtonKind;
  /** Why it cannot be used now. The button stays visible and in the tab order, and says why. */
  refusal?: string;
}

/** A button; one that may not be used now says why, instead of vanishing. */
export function Button({
  kind = 'plain',
  refusal,
  className = '',
  onClick,
  type = 'button',
  children,
  ...rest
}: Props) {
  return (
    <button
      {...rest}
      type={type}
      className={`${BASE} ${refusal === undefined ? KINDS[kind] : REFUSED} ${className}`}
      aria-disabled={refusal !== undefined || undefined}
      onClick={refusal === undefined ? onClick : (e) => e.preventDefault()}
    >
      {children}
      {refusal !== undefined && (
        <span className="refusal">
          <span className="sr-only">, not possible now: </span>
          <span className="inline-block first-letter:uppercase">{refusal}</span>
        </span>
      )}
    </button>
  );
}

export function LinkButton({
  kind = 'plain',
  className = '',
  ...rest
}: ComponentProps<typeof Link> & { kind?: ButtonKind }) {
  return <PointedLink {...rest} className={`${BASE} ${KINDS[kind]} ${className}`} />;
}

/** A link that leaves these pages, or has the server make the page anew. */
export function AnchorButton({ kind = 'plain', className = '', ...rest }: ComponentProps<'a'> & { kind?: ButtonKind }) {
  return <a {...rest} className={`${BASE} ${KINDS[kind]} ${className}`} />;
}

export function IconButton({
  label,
  children,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { label: string; children: ReactNode }) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={label}
      className="inline-flex size-8 items-center justify-center rounded-md text-ink-2 hover:bg-surface-2 hover:text-ink"
    >
      {children}
    </button>
  );
}
