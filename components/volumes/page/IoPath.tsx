import { ChevronRight, CircleAlert, CircleCheck, CircleHelp, CircleX, LoaderCircle } from 'lucide-react';
import type { Volume } from '@/contract/volume';
import { Card } from '../../ui/Card';
import type { Tone } from '../../ui/format';
import { ProgressBar } from '../../ui/meters';
import { TextLink } from '../../ui/TextLink';
import { Age } from '../../ui/values';
import { type Hop, ioPath, type Lane, rateWords } from './path-model';

const TONE: Record<Tone, { border: string; ink: string; Icon: typeof CircleCheck }> = {
  ok: { border: 'border-ok', ink: 'text-ok', Icon: CircleCheck },
  warn: { border: 'border-warn', ink: 'text-warn', Icon: CircleAlert },
  bad: { border: 'border-bad', ink: 'text-bad', Icon: CircleX },
  busy: { border: 'border-busy', ink: 'text-busy', Icon: LoaderCircle },
  unknown: { border: 'border-line-strong', ink: 'text-unknown', Icon: CircleHelp },
};

/** The way of an I/O from the application to the disks, with health and live rate on every hop. */
export function IoPath({ cluster, volume }: { cluster: string; volume: Volume }) {
  const path = ioPath(cluster, volume);
  return (
    <Card title="I/O path">
      {path.front.length === 0 && (
        <p className="mb-3 text-ink-2">Not published: no target, so no I/O. The copies below are kept.</p>
      )}
      <div className="flex flex-col gap-4 lg:flex-row lg:items-center">
        {path.front.length > 0 && (
          <ol
            className="flex flex-col gap-2 sm:flex-row sm:items-center"
            aria-label="From the application to the target"
          >
            {path.front.map((hop, i) => (
              <HopBox key={hop.key} hop={hop} first={i === 0} />
            ))}
          </ol>
        )}
        <ul aria-label="Copies" className="flex min-w-0 flex-1 flex-col gap-3 border-l-2 border-line pl-3">
          {path.lanes.map((l) => (
            <LaneRow key={l.id} lane={l} />
          ))}
          {path.lanes.length === 0 && <li className="text-bad">This volume has no replica.</li>}
        </ul>
      </div>
    </Card>
  );
}

function LaneRow({ lane }: { lane: Lane }) {
  return (
    <li className="min-w-0">
      <ol
        className="flex flex-col gap-2 sm:flex-row sm:flex-wrap sm:items-stretch xl:grid xl:grid-cols-5"
        aria-label={`Copy ${lane.id.slice(0, 8)}`}
      >
        {lane.hops.map((hop, i) => (
          <HopBox key={hop.key} hop={hop} first={i === 0} />
        ))}
      </ol>
      <p className="mt-1 text-[0.93rem] text-ink-2">{lane.sentence}</p>
      {lane.rebuild !== null && (
        <div className="mt-1 flex max-w-md items-center gap-2">
          <ProgressBar percent={lane.rebuild} label={`Rebuild of copy ${lane.id.slice(0, 8)}`} />
          <span className="tabular text-[0.93rem] whitespace-nowrap">{Math.floor(lane.rebuild)} %</span>
        </div>
      )}
    </li>
  );
}

function HopBox({ hop, first }: { hop: Hop; first: boolean }) {
  const { border, ink, Icon } = TONE[hop.tone];
  const rate = rateWords(hop.rate);
  return (
    <li className="flex min-w-0 items-center gap-1.5">
      {!first && <ChevronRight aria-hidden size={16} className="hidden shrink-0 text-line-strong sm:block" />}
      <div
        className={`w-full min-w-28 self-stretch rounded-md border-l-4 bg-surface-2 px-2.5 py-1.5 max-sm:grid max-sm:grid-cols-2 max-sm:gap-x-3 sm:w-auto xl:flex-1 ${border}`}
      >
        <div className="min-w-0">
          <p className="text-[0.8rem] text-ink-2">{hop.kind}</p>
          <p className="max-w-44 truncate font-medium" title={hop.name}>
            {hop.href ? <HopLink hop={hop} href={hop.href} /> : hop.name}
          </p>
        </div>
        <div className="min-w-0">
          <p className={`flex items-start gap-1 text-[0.86rem] ${ink}`}>
            <Icon aria-hidden size={12} className="mt-1 shrink-0" />
            <span>
              {hop.state}
              {hop.detail ? `: ${hop.detail}` : ''}
            </span>
          </p>
          {hop.asOf && (
            <p className="text-[0.8rem] text-warn">
              last read <Age at={hop.asOf} />
            </p>
          )}
          {rate && <p className="tabular text-[0.8rem] text-ink-2 sm:whitespace-nowrap">{rate}</p>}
        </div>
      </div>
    </li>
  );
}

/** A link to a place of this page must not change the rest of the address (the range of the charts). */
function HopLink({ hop, href }: { hop: Hop; href: string }) {
  if (!href.startsWith('#')) return <TextLink href={href}>{hop.name}</TextLink>;
  return (
    <a href={href} className="text-accent underline-offset-2 hover:underline">
      {hop.name}
    </a>
  );
}
