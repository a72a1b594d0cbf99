import type { Pool } from '@/contract/pool';
import type { ClusterSnapshot } from '../model/snapshot';
import { digits, digitsOrNull, fromEngine, nameOf, onItsOwn, openSources } from './facts';
import { copyIsHealthy } from './health';
import { type Copy, join } from './join';
import { poolRowOf } from './pools';
import { plain, totalsView } from './volume';
import { rateOf } from './volume-row';

/** Everything the pool page shows; undefined when there is no such pool. */
export function poolView(s: ClusterSnapshot, id: string): Pool | undefined {
  const m = s.pools?.items.get(id);
  if (!m) return undefined;
  const j = join(s);
  const silence = j.silences.get(m.node);
  const engine = s.engines.get(m.node);
  const totals = silence ? undefined : engine?.poolIo.get(id);
  const copies = j.byPool.get(id) ?? [];
  const known = new Set<string>(copies.map((c) => c.copy.replica.id));
  // Replicas that no volume claims take room too.
  const orphans = [...(s.replicas?.items.values() ?? [])].filter((r) => r.pool === id && !known.has(r.id));
  const status = (copy: Copy) => (silence ? 'unknown' : (copy.listed?.status ?? copy.replica.status));
  return {
    row: onItsOwn(poolRowOf(j, m), s.pools?.at ?? s.at),
    specDisks: m.spec?.disks ?? [],
    stateDisks: m.state?.disks ?? [],
    clusterSizeBytes: digitsOrNull(m.state?.clusterSizeBytes),
    totals: engine && totals ? totalsView(totals, fromEngine(s, engine.node, engine.at)) : null,
    replicas: [
      ...copies.map(({ volume, copy }) => ({
        id: copy.replica.id,
        volume: { id: volume.model.id, name: nameOf(volume.model) },
        status: status(copy),
        sizeBytes: digits(copy.listed?.sizeBytes ?? volume.model.sizeBytes),
        allocatedBytes: silence
          ? null
          : digitsOrNull(copy.listed?.allocatedBytes ?? copy.replica.usage?.allocatedBytes),
        thin: copy.listed?.thin ?? volume.model.thin,
        io: silence ? null : rateOf(s, `replica:${copy.replica.id}`),
      })),
      ...orphans.map((r) => ({
        id: r.id,
        volume: null,
        status: silence ? ('unknown' as const) : r.status,
        sizeBytes: digits(r.sizeBytes),
        allocatedBytes: silence ? null : digitsOrNull(r.allocatedBytes),
        thin: r.thin,
        io: silence ? null : rateOf(s, `replica:${r.id}`),
      })),
    ],
    soleCopies: copies
      .filter(
        ({ volume, copy }) =>
          copyIsHealthy(volume, copy) !== false && !volume.copies.some((c) => c !== copy && copyIsHealthy(volume, c)),
      )
      .map(({ volume }) => ({ id: volume.model.id, name: nameOf(volume.model) })),
    cordon: m.spec?.cordoned ? 'cordoned' : 'none',
    raw: { spec: plain(m.raw.spec), state: plain(m.raw.state) },
    sources: openSources(s),
  };
}
