import type { ExportedList } from '@/contract/keys';
import type { ExportQuery } from '@/contract/list';
import type { ListCatalogue } from '@/contract/lists';
import { type Answer, fail } from '../http/answer';
import type { ReadAt } from '../model/model';
import type { ClusterSnapshot } from '../model/snapshot';
import type { Cluster } from '../runtime';
import { exportOver, type ListFile } from '../views/export';
import { nodeRows, nodeRules } from '../views/nodes';
import { poolRows, poolRules } from '../views/pools';
import { endedRows, rebuildRules } from '../views/rebuilds';
import { replicaRows, replicaRules } from '../views/replicas';
import { snapshotRows, snapshotRules } from '../views/snapshots';
import { volumeRows } from '../views/volume-row';
import { volumeRules } from '../views/volumes';
import type { ListRules, Outcome } from '../views/window';
import { missing } from './reads';

type Exporter = (s: ClusterSnapshot, query: ExportQuery) => Outcome<ListFile> | undefined;

/** Undefined while the rows were never read: a file without rows would say that there are none. */
const exporter =
  <R, C extends ListCatalogue>(
    rowsOf: (s: ClusterSnapshot) => readonly R[] | undefined,
    readAt: (s: ClusterSnapshot) => ReadAt | undefined,
    rules: ListRules<R, C>,
  ): Exporter =>
  (s, query) => {
    const rows = rowsOf(s);
    return rows && exportOver(rows, readAt(s), query, rules);
  };

const EXPORTERS: Readonly<Record<ExportedList, Exporter>> = {
  volumes: exporter(volumeRows, (s) => s.volumes?.at, volumeRules),
  replicas: exporter(replicaRows, (s) => s.replicas?.at, replicaRules),
  pools: exporter(poolRows, (s) => s.pools?.at, poolRules),
  nodes: exporter(nodeRows, (s) => s.nodes?.at, nodeRules),
  rebuilds: exporter(endedRows, (s) => s.at, rebuildRules),
  snapshots: exporter(snapshotRows, (s) => s.snapshots?.at, snapshotRules),
};

/** A whole filtered list as a file; the snapshot it is made of does not change under it. */
export function exportFile(cluster: Cluster, list: ExportedList, query: ExportQuery): Answer<string> {
  const s = cluster.collector.snapshot;
  const outcome = EXPORTERS[list](s, query);
  if (!outcome) return fail(missing(s, undefined, list));
  if (!outcome.ok) return fail(outcome.failure);
  const { mediaType, extension, chunks } = outcome.value;
  // Cluster ids are lower-case letters, digits and dashes, so the name needs no quoting.
  const moment = new Date(s.at).toISOString().slice(0, 16).replace(':', '');
  return { ok: true, value: '', file: { mediaType, chunks, name: `${cluster.id}-${list}-${moment}Z.${extension}` } };
}
