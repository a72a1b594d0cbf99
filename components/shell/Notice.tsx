import type { ReactNode } from 'react';
import { LinkButton } from '../ui/Button';

/** A page that has one thing to say. */
export function Notice({
  title,
  children,
  link,
  action,
}: {
  title: string;
  children: ReactNode;
  link?: { href: string; text: string };
  action?: ReactNode;
}) {
  return (
    <main className="mx-auto flex max-w-lg flex-col items-start gap-3 px-4 py-24">
      <h1>{title}</h1>
      <p className="text-ink-2">{children}</p>
      {link && <LinkButton href={link.href}>{link.text}</LinkButton>}
      {action}
    </main>
  );
}
