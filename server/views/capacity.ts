import type { Capacity } from '@/contract/pool';
import type { PoolModel } from '../model/model';
import { digits, digitsOrNull } from './facts';

/**
 * Sums over pools with known state; null when none is known. `unknown`: pools left out. `areListed`: the control plane has told
 * which pools there are, so that none are nothing, and not something unknown.
 */
export function capacityOf(
  pools: ReadonlyArray<{ pool: PoolModel; silent: boolean }>,
  areListed: boolean,
): Capacity & { unknown: number } {
  if (areListed && pools.length === 0) return { capacityBytes: '0', usedBytes: '0', committedBytes: '0', unknown: 0 };
  const known = pools.flatMap((p) => (p.silent || !p.pool.state ? [] : [p.pool.state]));
  const committed = known.flatMap((x) => (x.committedBytes === undefined ? [] : [x.committedBytes]));
  const sum = (values: readonly bigint[]) => values.reduce((a, b) => a + b, 0n);
  return {
    capacityBytes: known.length === 0 ? null : digits(sum(known.map((x) => x.capacityBytes))),
    usedBytes: known.length === 0 ? null : digits(sum(known.map((x) => x.usedBytes))),
    // A sum that lacks a part would be too small without saying so.
    committedBytes: known.length === 0 || committed.length < known.length ? null : digits(sum(committed)),
    unknown: pools.length - known.length,
  };
}

export function capacityOfPool(pool: PoolModel, silent: boolean): Capacity {
  const state = silent ? undefined : pool.state;
  return {
    capacityBytes: digitsOrNull(state?.capacityBytes),
    usedBytes: digitsOrNull(state?.usedBytes),
    committedBytes: digitsOrNull(state?.committedBytes),
  };
}
