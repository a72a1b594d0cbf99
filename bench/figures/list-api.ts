import { AgentCoreClient } from '../../server/upstream/agent-core';
import { type Bench, count, type Measurement } from '../context';
import { median, percentile } from '../stats';

const ROUNDS = 40;
const QUERIES = [
  'limit=100',
  'sort=-size&limit=100',
  'sort=status,-iops&limit=100',
  'q=status:degraded&limit=100',
  'q=queue&sort=-allocated&limit=100',
  'offset=5000&limit=100',
];

/** Whole lists of volumes as the console itself reads them over gRPC, ms. */
async function rawReads({ fleet }: Bench): Promise<number[]> {
  const client = new AgentCoreClient(fleet.agentCore);
  const times: number[] = [];
  for (let i = 0; i < 6; i += 1) {
    const begun = performance.now();
    const reply = await client.listVolumes();
    if (!reply.ok) throw new Error(`raw read: ${reply.error.message}`);
    if (i > 0) times.push(performance.now() - begun); // the first one connects and compiles
  }
  client.close();
  return times;
}

/** Windows of the list of volumes over HTTP, one after the other while the cluster is being read, against one read of all of them. */
export const listApi: Measurement = async (bench) => {
  await bench.fleet.get('/busy/1');
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    for (const query of QUERIES) {
      const begun = performance.now();
      const response = await fetch(`${bench.console.url}/api/v1/clusters/default/volumes?${query}`, {
        headers: bench.console.session.headers,
      });
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`list API: status ${response.status}`);
      times.push(performance.now() - begun);
    }
  }
  await bench.fleet.get('/busy/0');
  const raw = median(await rawReads(bench));
  return [
    {
      figure: 'list API, p99 of a window of 100',
      at: `${count(bench.volumes)} volumes`,
      measured: percentile(times, 0.99),
      unit: 'ms',
      detail: `p50 ${median(times).toFixed(0)}, highest ${Math.max(...times).toFixed(0)}, n ${times.length}; one raw gRPC read of all volumes ${raw.toFixed(0)} ms`,
      // A small set costs next to nothing to read; then an answer may cost what any request costs.
      limit: Math.max(raw, 50),
    },
  ];
};
