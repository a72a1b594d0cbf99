'use client';
import { X } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { IconButton } from './Button';

/** A modal dialog of the platform: it keeps the focus inside, closes on Escape and gives the focus back. */
export function Dialog({
  title,
  onClose,
  wide = false,
  children,
}: {
  title: string;
  onClose: () => void;
  /** As wide as the window, for what needs it. */
  wide?: boolean;
  children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog || dialog.open) return;
    dialog.showModal();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={heading}
      onClose={onClose}
      className={`m-auto max-h-[90dvh] overflow-auto rounded-lg border border-line bg-surface p-0 text-ink backdrop:bg-black/50 ${wide ? 'w-[calc(100vw-2rem)] max-w-none' : 'w-[min(36rem,calc(100vw-2rem))]'}`}
    >
      <header className="flex items-center justify-between gap-2 border-b border-line px-4 py-2">
        <h2 id={heading}>{title}</h2>
        <IconButton label="Close" onClick={() => ref.current?.close()}>
          <X aria-hidden size={17} />
        </IconButton>
      </header>
      <div className="px-4 py-4">{children}</div>
    </dialog>
  );
}
