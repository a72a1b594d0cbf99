import type { IoRate } from '@/contract/io';
import type { EngineReading, IoTotalsModel } from '@/server/model/model';
import { ioRate, sumRates } from './rates';
import { shared } from './share';

export type Rates = ReadonlyMap<string, { at: number; rate: IoRate }>;

/**
 * Rates of one node between two of its readings: `nexus:`, `replica:` and `pool:` keys, and `node:<node>` as the sum over
 * its targets. What has no two samples yet, or a gap between them, has no entry. A target that is new since the last
 * reading is missing from the node's sum for that one interval. A rate that is as in `last` keeps its identity.
 */
export function engineRates(before: EngineReading | undefined, after: EngineReading, last?: Rates): Rates {
  const rates = new Map<string, { at: number; rate: IoRate }>();
  if (!before) return rates;
  const add = (
    prefix: string,
    a: ReadonlyMap<string, IoTotalsModel>,
    b: ReadonlyMap<string, IoTotalsModel>,
  ): IoRate[] => {
    const added: IoRate[] = [];
    for (const [id, totals] of b) {
      const earlier = a.get(id);
      const rate =
        earlier &&
        ioRate(
          { at: before.at, instance: before.info?.instanceUuid, totals: earlier },
          { at: after.at, instance: after.info?.instanceUuid, totals },
        );
      if (!rate) continue;
      const key = `${prefix}:${id}`;
      rates.set(key, { at: after.at, rate: shared(last?.get(key)?.rate, rate) });
      added.push(rate);
    }
    return added;
  };
  const targets = add('nexus', before.nexusIo, after.nexusIo);
  add('replica', before.replicaIo, after.replicaIo);
  add('pool', before.poolIo, after.poolIo);
  const node = sumRates(targets, after.nexuses.length === 0);
  const key = `node:${after.node}`;
  if (node) rates.set(key, { at: after.at, rate: shared(last?.get(key)?.rate, node) });
  return rates;
}
