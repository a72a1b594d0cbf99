// A replayed fleet: agent-core and io-engines of generated specs, for measuring a console of any size. It moves no data.
// Prints one JSON line when it is up; ends when standard input closes.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { agentCoreServer, VolumePages } from './agent-core';
import { Calls } from './calls';
import { EngineState, ioEngineServer } from './io-engine';
import { type FleetVolume, makeFleet } from './model';

const GiB = 1024n ** 3n;

function bind(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(`127.0.0.1:${port}`),
    );
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      nodes: { type: 'string', default: '3' },
      volumes: { type: 'string', default: '40' },
      busy: { type: 'string', default: '0' },
    },
  });
  const fleet = makeFleet({ nodes: Number(values.nodes), volumes: Number(values.volumes), busy: Number(values.busy) });
  const calls = new Calls();
  const state = new EngineState(fleet);
  const pages = new VolumePages(fleet);
  const endpoints: string[] = [];
  for (let node = 0; node < fleet.options.nodes; node += 1) {
    endpoints.push(await bind(ioEngineServer(fleet, node, () => endpoints[node] ?? '', state, calls)));
  }
  const agentCore = await bind(agentCoreServer(fleet, endpoints, pages, calls));

  const now = () => performance.timeOrigin + performance.now();
  let drip: NodeJS.Timeout | undefined;
  /** Where a change was made and when it was first told to the console. */
  const change = (kind: 'spec' | 'engine', volume: FleetVolume) =>
    new Promise<{ changedAt: number; servedAt: number }>((resolve) => {
      const changedAt = now();
      const served = (servedAt: number) => resolve({ changedAt, servedAt });
      if (kind === 'spec') {
        volume.sizeBytes += GiB;
        pages.changed(volume.index, served);
      } else {
        volume.faulted = !volume.faulted;
        state.changed(volume, served);
      }
    });
  const control = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://fleet');
    const [, what, arg = '', index = ''] = url.pathname.split('/');
    const send = (body: unknown) => res.end(JSON.stringify(body));
    if (what === 'calls') return send({ at: now(), calls: calls.byMethod });
    if (what === 'busy') {
      state.busy = Number(arg);
      return send({ busy: state.busy });
    }
    if (what === 'drip') {
      // One change a second in the first `arg` volumes, as the peers were measured; 0 ends it.
      clearInterval(drip);
      let at = 0;
      if (Number(arg) > 0) {
        drip = setInterval(() => {
          const published = fleet.volumes.slice(0, Number(arg)).filter((v) => v.target !== undefined);
          const volume = published[at % published.length];
          at += 1;
          if (volume) void change('engine', volume);
        }, 1_000);
      }
      return send({ drip: Number(arg) });
    }
    const volume = fleet.volumes[Number(index)];
    if (what === 'change' && (arg === 'spec' || arg === 'engine') && volume) {
      void change(arg, volume).then((moments) =>
        send({ ...moments, id: volume.id, size: String(volume.sizeBytes), faulted: volume.faulted }),
      );
      return;
    }
    res.statusCode = 404;
    send({ error: `nothing at ${url.pathname}` });
  });
  await new Promise<void>((resolve) => control.listen(0, '127.0.0.1', resolve));
  const address = control.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  process.stdin.resume();
  process.stdin.on('close', () => process.exit(0));
  process.on('SIGTERM', () => process.exit(0));
  process.stdout.write(`${JSON.stringify({ ready: true, agentCore, control: `http://127.0.0.1:${port}` })}\n`);
}

await main();
