import type { RowObserved } from '@/contract/source';
import { Age } from './values';

/** The age of what is shown, where it is the last that was known and not how things are now; nothing when it is fresh. */
export function AsOf({ observed }: { observed: RowObserved | null | undefined }) {
  if (!observed?.stale || observed.at === null) return null;
  const source = observed.node ? `${observed.source} on ${observed.node}` : observed.source;
  return (
    <span className="text-warn" title={`${source} does not answer; this is the last that it said`}>
      last read <Age at={observed.at} />
    </span>
  );
}
