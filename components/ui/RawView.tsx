'use client';
import { useState } from 'react';
import { Card } from './Card';
import { CodeBlock } from './CopyButton';

/** What upstream said, as JSON; made only when it is opened. */
export function RawView({ value, title = 'Raw view' }: { value: unknown; title?: string }) {
  const [open, setOpen] = useState(false);
  return (
    <Card title={title}>
      <details onToggle={(e) => setOpen(e.currentTarget.open)}>
        <summary className="cursor-pointer text-ink-2">Spec and state as the console read them</summary>
        {open && (
          <div className="mt-2">
            <CodeBlock text={JSON.stringify(value, null, 2)} label="raw view" />
          </div>
        )}
      </details>
    </Card>
  );
}
