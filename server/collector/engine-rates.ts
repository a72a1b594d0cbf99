import type { IoRate } from '@/contract/io';
import type { EngineReading, IoTotalsModel } from '@/server/model/model';
import { ioRate, sumRates } from './rates';

export type Rates = ReadonlyMap<string, { at: number; rate: IoRate }>;

/**
 * Rates of one node between two of its readings: `nexus:`, `replica:` and `pool:` keys, and `node:<node>` as the sum over
 * its targets. What has no two samples yet, or a gap between them, has no entry. A target that is new since the last
 * reading is missing from the node's sum for that one interval.
 */
export function engineRates(before: EngineReading | undefined, after: EngineReading): Rates {
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
      rates.set(`${prefix}:${id}`, { at: after.at, rate });
      added.push(rate);
    }
    return added;
  };
  const targets = add('nexus', before.nexusIo, after.nexusIo);
  add('replica', before.replicaIo, after.replicaIo);
  add('pool', before.poolIo, after.poolIo);
  const node = sumRates(targets, after.nexuses.length === 0);
  if (node) rates.set(`node:${after.node}`, { at: after.at, rate: node });
  return rates;
}
