'use client';
import Link from 'next/link';
import { type ComponentProps, createContext, use } from 'react';

/** Whether links below are stops of the Tab key; in a list only those of the row where the keyboard is. */
export const RowFocus = createContext<0 | -1 | undefined>(undefined);

/** A link in text or a table. It is not fetched ahead: pages are live, and a list has hundreds. */
export function TextLink({ className = '', ...rest }: ComponentProps<typeof Link>) {
  const tabIndex = use(RowFocus);
  return (
    <Link
      prefetch={false}
      tabIndex={tabIndex}
      {...rest}
      className={`text-accent underline-offset-2 hover:underline ${className}`.trim()}
    />
  );
}

/** The way back to what this page is part of. */
export function Breadcrumb({ parts, here }: { parts: ReadonlyArray<{ href: string; text: string }>; here: string }) {
  return (
    <nav aria-label="Breadcrumb" className="text-ink-2">
      {parts.map((p) => (
        <span key={p.href}>
          {/* Underlined, because it stands among plain text (WCAG 1.4.1). */}
          <TextLink href={p.href} className="break-all underline">
            {p.text}
          </TextLink>{' '}
          /{' '}
        </span>
      ))}
      <span className="break-all">{here}</span>
    </nav>
  );
}
