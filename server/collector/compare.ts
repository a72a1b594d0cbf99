import type { SourceState } from '@/contract/source';
import type { EngineReading } from '@/server/model/model';
import type { CoreLists } from './core-pass';
import type { Rates } from './engine-rates';
import { sameValue } from './share';

/** Whether the object of a series is still there; of a list that was never read nobody can tell. */
export function isKnown(key: string, { nodes, pools, volumes }: CoreLists): boolean {
  const [kind, id = ''] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)];
  const list = kind === 'volume' ? volumes : kind === 'pool' ? pools : kind === 'node' ? nodes : undefined;
  return !list || list.items.has(id);
}

/** Moment of the newest datum. */
export function newest(lists: CoreLists, engines: ReadonlyMap<string, EngineReading>): number | undefined {
  const moments = [...Object.values(lists), ...engines.values()].flatMap((part) => (part ? [part.at] : []));
  return moments.length > 0 ? Math.max(...moments) : undefined;
}

/** Whether two readings of a node gave the same rates. */
export function sameRates(a: Rates | undefined, b: Rates): boolean {
  if (!a || a.size !== b.size) return false;
  for (const [key, { rate }] of b) if (!sameValue(a.get(key)?.rate, rate)) return false;
  return true;
}

/** Whether nothing changed that a person would want to know; the moments of reading move on all the time. */
export function sameSources(a: readonly SourceState[], b: readonly SourceState[]): boolean {
  return (
    a.length === b.length &&
    a.every((source, i) => {
      const other = b[i];
      return (
        other !== undefined &&
        source.node === other.node &&
        source.endpoint === other.endpoint &&
        source.status === other.status &&
        sameValue(source.error, other.error)
      );
    })
  );
}
