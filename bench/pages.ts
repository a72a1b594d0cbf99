import type { Bench } from './context';

/** The pages that are measured; a new page of the console gets a line here. */
export interface PageEntry {
  name: string;
  path: string;
  /** There when the page shows its data, not only its frame. */
  ready: string;
}

/** A part of a path in braces is filled in from the cluster: its first volume, pool or node. */
export const PAGES: readonly PageEntry[] = [
  { name: 'overview', path: '', ready: 'main p[role=status]' },
  { name: 'volumes', path: '/volumes', ready: 'table[aria-label="Volumes"] tbody tr a' },
  { name: 'volume', path: '/volumes/{volume}', ready: 'main h1' },
  { name: 'create volume', path: '/volumes/new', ready: 'main form' },
  { name: 'pools', path: '/pools', ready: 'table[aria-label="Pools"] tbody tr' },
  { name: 'pool', path: '/pools/{pool}', ready: 'main h1' },
  { name: 'nodes', path: '/nodes', ready: 'table[aria-label="Nodes"] tbody tr' },
  { name: 'node', path: '/nodes/{node}', ready: 'main h1' },
  { name: 'replicas', path: '/replicas', ready: 'table[aria-label="Replicas"] tbody tr' },
  { name: 'rebuilds', path: '/rebuilds', ready: 'main h1' },
  { name: 'snapshots', path: '/snapshots', ready: 'main h1' },
  { name: 'audit', path: '/audit', ready: 'main h1' },
];

interface Named {
  rows: Array<{ id: string }>;
}

/** Paths of the pages in the cluster that is measured, below the cluster's own. */
export async function pagePaths({ console: { url, session } }: Bench): Promise<{ of(entry: PageEntry): string }> {
  const first = async (list: string) => {
    const response = await fetch(`${url}/api/v1/clusters/default/${list}?limit=1`, { headers: session.headers });
    const body = (await response.json()) as Named; // contract: a window of rows
    return body.rows[0]?.id ?? '';
  };
  const ids = { volume: await first('volumes'), pool: await first('pools'), node: await first('nodes') };
  return {
    of: ({ path }) => path.replace(/\{(volume|pool|node)\}/, (_, kind: 'volume' | 'pool' | 'node') => ids[kind]),
  };
}
