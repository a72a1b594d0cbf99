import { parseArgs } from 'node:util';
import { EmbeddedCluster } from './cluster/embedded-cluster';
import { planFleet } from './cluster/fleet';
import { seedFleet } from './cluster/seed-fleet';
import { ControlServer } from './faults/control-server';

const MiB = 1024 ** 2;

/** A flag that cannot be used as it is. */
class Usage extends Error {}

function options() {
  const { values } = parseArgs({
    options: {
      nodes: { type: 'string', default: '3' },
      disks: { type: 'string', default: '2' },
      volumes: { type: 'string', default: '40' },
      seed: { type: 'string', default: '1' },
      'disk-size': { type: 'string', default: '65536' },
      'time-factor': { type: 'string', default: '10' },
      'rebuild-rate': { type: 'string', default: '16' },
      'agent-core-port': { type: 'string', default: '0' },
      'control-port': { type: 'string', default: '0' },
      'no-workloads': { type: 'boolean', default: false },
      'with-parent': { type: 'boolean', default: false },
    },
  });
  const number = (key: keyof typeof values, least: number, most: number): number => {
    const n = Number(values[key]);
    if (!Number.isFinite(n) || n < least || n > most || (key !== 'time-factor' && !Number.isInteger(n))) {
      throw new Usage(`--${key} must be a number from ${least} to ${most}`);
    }
    return n;
  };
  return {
    nodes: number('nodes', 1, 200),
    disks: number('disks', 1, 16),
    volumes: number('volumes', 0, 100_000),
    seed: number('seed', 0, 2 ** 31),
    diskMiB: number('disk-size', 64, 16 * 1024 ** 2),
    timeFactor: number('time-factor', 0.1, 100),
    /** MiB/s of all rebuilds of a node; 0: as fast as it goes. */
    rebuildMiB: number('rebuild-rate', 0, 100_000),
    agentCorePort: number('agent-core-port', 0, 65_535),
    controlPort: number('control-port', 0, 65_535),
    workloads: !values['no-workloads'],
    withParent: values['with-parent'],
  };
}

async function main(): Promise<void> {
  const o = options();
  const cluster = await EmbeddedCluster.start({
    nodes: o.nodes,
    disksPerNode: o.disks,
    diskBytes: o.diskMiB * MiB,
    timeFactor: o.timeFactor,
    rebuildBytesPerSecond: o.rebuildMiB > 0 ? o.rebuildMiB * MiB : undefined,
    agentCorePort: o.agentCorePort,
    seed: o.seed,
  });
  const control = new ControlServer(cluster);
  let ending = false;
  const end = async (code: number) => {
    if (ending) return;
    ending = true;
    await control.stop();
    await cluster.stop();
    process.exit(code);
  };
  process.on('SIGINT', () => void end(0));
  process.on('SIGTERM', () => void end(0));
  if (o.withParent) {
    // The parent's end of the pipe closes whatever way it dies, kill -9 included.
    process.stdin.resume();
    process.stdin.on('end', () => void end(0));
    process.stdin.on('close', () => void end(0));
  }
  try {
    await control.start(o.controlPort);
    await seedFleet(cluster, planFleet(o.seed, o.volumes, o.nodes));
    cluster.workloads.auto = o.workloads;
    cluster.workloads.follow();
  } catch (error) {
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

main().catch((error: unknown) => {
  console.error(`embedded cluster: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(error instanceof Usage || (error instanceof TypeError && 'code' in error) ? 2 : 1);
});
