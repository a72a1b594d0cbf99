import { CircleAlert, CircleCheck, CircleHelp, CircleX, LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import { statusText, statusTone, type Tone } from './format';

const TONES: Record<Tone, { box: string; Icon: typeof CircleCheck }> = {
  ok: { box: 'bg-ok-bg text-ok', Icon: CircleCheck },
  warn: { box: 'bg-warn-bg text-warn', Icon: CircleAlert },
  bad: { box: 'bg-bad-bg text-bad', Icon: CircleX },
  busy: { box: 'bg-busy-bg text-busy', Icon: LoaderCircle },
  unknown: { box: 'bg-unknown-bg text-unknown', Icon: CircleHelp },
};

/** A tone as icon, colour and words: never by colour alone. */
export function Badge({ tone, children, title }: { tone: Tone; children: ReactNode; title?: string }) {
  const { box, Icon } = TONES[tone];
  return (
    <span
      className={`inline-flex items-center gap-1 rounded px-1.5 py-0.5 text-[0.86rem] font-medium whitespace-nowrap ${box}`}
      title={title}
    >
      <Icon aria-hidden size={13} strokeWidth={2.2} />
      {children}
    </span>
  );
}

export function StatusBadge({ status, title }: { status: string; title?: string }) {
  return (
    <Badge tone={statusTone(status)} title={title}>
      {statusText(status)}
    </Badge>
  );
}
