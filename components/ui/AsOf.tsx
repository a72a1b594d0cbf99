import type { RowObserved } from '@/contract/source';
import { sourceName } from './states';
import { Age } from './values';

/**
 * The age of what is shown, where it is the last that was known and not how things are now; nothing when it is fresh.
 * `short`: the age alone, for a row of a list.
 */
export function AsOf({ observed, short = false }: { observed: RowObserved | null | undefined; short?: boolean }) {
  if (!observed?.stale || observed.at === null) return null;
  return (
    <span className="text-warn" title={`${sourceName(observed)} does not answer; this is the last that it said`}>
      <span className={short ? 'sr-only' : undefined}>last read </span>
      <Age at={observed.at} />
    </span>
  );
}
