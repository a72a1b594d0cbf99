import type { Finding } from '@/contract/overview';
import { Badge } from '../ui/Badge';
import { countText, type Tone } from '../ui/format';
import { TextLink } from '../ui/TextLink';
import { Age } from '../ui/values';
import { VolumeLinks } from '../volumes/VolumeLinks';
import { groupFindings } from './findings-groups';

const SEVERITY: Record<Finding['severity'], { tone: Tone; text: string }> = {
  critical: { tone: 'bad', text: 'Critical' },
  warning: { tone: 'warn', text: 'Warning' },
  info: { tone: 'busy', text: 'Note' },
};

function hrefOf(cluster: string, object: Finding['object']): string | undefined {
  switch (object.kind) {
    case 'volume':
      return `/c/${cluster}/volumes/${object.id}`;
    case 'pool':
      return `/c/${cluster}/pools/${encodeURIComponent(object.id)}`;
    case 'node':
      return `/c/${cluster}/nodes/${encodeURIComponent(object.id)}`;
    case 'source':
      return undefined;
  }
}

/** What is wrong, why, since when, and what happens next; the faulty things by name, with a link. */
export function Findings({
  cluster,
  findings,
  total,
}: {
  cluster: string;
  findings: readonly Finding[];
  total: number;
}) {
  return (
    <ul className="flex flex-col">
      {groupFindings(findings).map(({ first: f, others }) => {
        const href = hrefOf(cluster, f.object);
        return (
          <li
            key={f.id}
            className="flex flex-col gap-0.5 border-t border-line py-2.5 first:border-t-0 first:pt-0 last:pb-0"
          >
            <div className="flex flex-wrap items-center gap-2">
              <Badge tone={SEVERITY[f.severity].tone}>{SEVERITY[f.severity].text}</Badge>
              {href ? (
                <TextLink href={href} className="font-medium">
                  {f.title}
                </TextLink>
              ) : (
                <span className="font-medium">{f.title}</span>
              )}
              {f.since && (
                <span className="ml-auto text-[0.9rem] text-ink-2">
                  <Age at={f.since} />
                </span>
              )}
            </div>
            {others.length > 0 && <Others cluster={cluster} others={others} />}
            {f.why && <p>{f.why}</p>}
            {f.next && <p className="text-ink-2">{f.next}</p>}
          </li>
        );
      })}
      {total > findings.length && (
        <li className="border-t border-line pt-2.5 text-ink-2">
          and {total - findings.length} more:{' '}
          <TextLink href={`/c/${cluster}/volumes?sort=status`} className="underline">
            all volumes by status
          </TextLink>
        </li>
      )}
    </ul>
  );
}

/** Further volumes of which the same is to be said. */
function Others({ cluster, others }: { cluster: string; others: readonly Finding[] }) {
  return (
    <div className="flex flex-wrap gap-x-3">
      <span className="text-ink-2">The same of {countText(others.length, 'other volume')}:</span>
      <VolumeLinks cluster={cluster} volumes={others.map((o) => ({ id: o.object.id, name: o.object.name }))} />
    </div>
  );
}
