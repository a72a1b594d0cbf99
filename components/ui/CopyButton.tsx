'use client';
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from './Button';

/** Copies a text; says so when it is done, and when the browser refuses. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [state, setState] = useState<'idle' | 'done' | 'refused'>('idle');
  const copy = () =>
    // The clipboard exists only on https and loopback; without it the text has to be selected by hand.
    (navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'))).then(
      () => setState('done'),
      () => setState('refused'),
    );
  return (
    <span className="inline-flex items-center gap-1">
      <IconButton label={label} onClick={copy} onBlur={() => setState('idle')}>
        {state === 'done' ? <Check aria-hidden size={15} /> : <Copy aria-hidden size={15} />}
      </IconButton>
      <span role="status" className="text-[0.86rem] text-ink-2">
        {state === 'done' ? 'Copied' : state === 'refused' ? 'The browser does not allow it; select the text' : ''}
      </span>
    </span>
  );
}

/** A command or document to copy. */
export function CodeBlock({ text, label }: { text: string; label: string }) {
  return (
    <div className="relative rounded-md border border-line bg-surface-2">
      <div className="absolute top-1 right-1">
        <CopyButton text={text} label={`Copy ${label}`} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that may scroll must be reachable by keyboard */}
      <section className="max-h-96 overflow-auto p-3 pr-12 text-[0.86rem]" tabIndex={0} aria-label={label}>
        <pre>{text}</pre>
      </section>
    </div>
  );
}
