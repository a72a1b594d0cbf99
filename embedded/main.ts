import { halfOf } from './cli/halves';
import { Churn } from './cluster/churn';
import { EmbeddedCluster } from './cluster/embedded-cluster';
import { planFleet } from './cluster/fleet';
import { seedFleet } from './cluster/seed-fleet';
import { ServiceRounds } from './cluster/stories';
import { ControlServer } from './faults/control-server';
import { optionsOf, Usage } from './options';

const MiB = 1024 ** 2;

/** Between two times that a copy is taken offline and brought back. The rebuilds of the beginning end first. */
const SERVICE_EVERY_MS = 12 * 60_000;

async function main(): Promise<void> {
  const o = optionsOf(process.argv.slice(2));
  if (o.check) return;
  // From the first moment: one that is ended while it starts leaves no file either.
  const told = new AbortController();
  process.on('SIGINT', () => told.abort());
  process.on('SIGTERM', () => told.abort());
  if (o.withParent) {
    // The parent's end of the pipe closes whatever way it dies, kill -9 included.
    process.stdin.resume();
    process.stdin.on('end', () => told.abort());
    process.stdin.on('close', () => told.abort());
  }
  const cluster = await EmbeddedCluster.start({
    nodes: o.nodes,
    disksPerNode: o.disks,
    diskBytes: o.diskMiB * MiB,
    timeFactor: o.timeFactor,
    rebuildBytesPerSecond: o.rebuildMiB > 0 ? o.rebuildMiB * MiB : undefined,
    agentCorePort: o.agentCorePort,
    seed: o.seed,
    pools: o.scenario !== 'empty',
    signal: told.signal,
  }).catch((error: unknown) => {
    if (told.signal.aborted) return undefined;
    throw error;
  });
  if (!cluster) process.exit(0);
  const volumes = o.scenario === 'empty' ? 0 : o.volumes;
  const plan = planFleet({ seed: o.seed, volumes, nodes: o.nodes, stories: o.scenario === 'usual' });
  const rounds = new ServiceRounds(cluster, plan, SERVICE_EVERY_MS);
  const control = new ControlServer(cluster);
  const churn = new Churn(cluster, o.churn);
  let ending = false;
  const end = async (code: number) => {
    if (ending) return;
    ending = true;
    await control.stop();
    await churn.stop();
    await rounds.stop();
    await cluster.stop();
    process.exit(code);
  };
  if (told.signal.aborted) return end(0);
  told.signal.addEventListener('abort', () => void end(0));
  try {
    await control.start(o.controlPort);
    await seedFleet(cluster, plan);
    rounds.start();
    cluster.workloads.auto = o.workloads;
    cluster.workloads.follow();
    if (o.churn > 0) await churn.start();
  } catch (error) {
    if (ending) return;
    console.error(`embedded cluster: ${error instanceof Error ? error.message : String(error)}`);
    await end(1);
    return;
  }
  console.log(
    JSON.stringify({
      ready: true,
      agentCore: cluster.agentCoreAddress,
      control: control.url,
      timeFactor: o.timeFactor,
    }),
  );
}

const whole = () =>
  main().catch((error: unknown) => {
    console.error(`embedded cluster: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(error instanceof Usage ? 2 : 1);
  });

void (halfOf(process.argv.slice(2)) ?? whole)();
