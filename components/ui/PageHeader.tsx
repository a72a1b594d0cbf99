import type { ReactNode } from 'react';
import { Breadcrumb } from './TextLink';

/** The way back, the name, its state and what can be done. */
export function PageHeader({
  back,
  name,
  badges,
  actions,
  reason,
  children,
}: {
  back: { href: string; text: string };
  name: string;
  badges: ReactNode;
  actions?: ReactNode;
  reason: string | null;
  children?: ReactNode;
}) {
  return (
    <header className="flex flex-col gap-2">
      <Breadcrumb parts={[back]} here={name} />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="break-all">{name}</h1>
        {badges}
        {actions && <div className="flex flex-wrap gap-2 lg:ml-auto">{actions}</div>}
      </div>
      {reason && <p className="font-medium first-letter:uppercase">{reason}</p>}
      {children}
    </header>
  );
}
