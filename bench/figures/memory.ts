import { count, type Measurement, pause } from '../context';
import { cpuSeconds, residentMb } from '../programs';
import { median } from '../stats';

const SECONDS = 30;

/** Resident memory of the server while every volume has I/O and one list is being watched: median of 30 s. */
export const memory: Measurement = async (bench) => {
  await bench.fleet.get('/busy/1');
  const watching = new AbortController();
  const stream = await fetch(`${bench.console.url}/api/v1/clusters/default/events?topic=volumes`, {
    signal: watching.signal,
    headers: bench.console.session.headers,
  });
  const reading = (async () => {
    for await (const _ of stream.body ?? []);
  })().catch(() => undefined); // ends with the abort below
  await pause(5_000);
  const seen: number[] = [];
  const cpu = cpuSeconds(bench.console.pid);
  for (let second = 0; second < SECONDS; second += 1) {
    await pause(1_000);
    seen.push(residentMb(bench.console.pid)?.now ?? Number.NaN);
  }
  const share = ((cpuSeconds(bench.console.pid) - cpu) / SECONDS) * 100;
  watching.abort();
  await reading;
  await bench.fleet.get('/busy/0');
  return [
    {
      figure: 'server memory',
      at: `${count(bench.volumes)} volumes, ${bench.nodes} nodes`,
      measured: median(seen),
      unit: 'MB RSS',
      detail: `${Math.min(...seen).toFixed(0)}-${Math.max(...seen).toFixed(0)} in ${SECONDS} s, peak since start ${residentMb(bench.console.pid)?.peak.toFixed(0)}; ${share.toFixed(0)} % of a core`,
      limit: bench.volumes === 10_000 ? 350 : undefined,
    },
  ];
};
