import type { ReactNode } from 'react';
import type { Problem } from '@/contract/problem';
import { LinkButton } from './Button';
import { Skeleton } from './Card';
import { ErrorPanel } from './states';

/** A page whose object is not here: still loading, gone, never there, or not known because upstream is silent. */
export function Missing({
  title,
  problem,
  onRetry,
  back,
  children,
}: {
  title: string;
  problem: Problem | undefined;
  onRetry: () => void;
  back: { href: string; text: string };
  children?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-start gap-4">
      <h1 className="break-all">{title}</h1>
      {problem ? (
        <>
          <ErrorPanel problem={problem} onRetry={onRetry} />
          <LinkButton href={back.href}>{back.text}</LinkButton>
        </>
      ) : (
        <div className="w-full">
          <Skeleton lines={10} label={`Loading ${title}`} />
        </div>
      )}
      {children}
    </div>
  );
}
