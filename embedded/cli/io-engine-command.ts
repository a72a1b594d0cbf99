import { TcpFabric } from '@/embedded/fabric/tcp-fabric';
import { IoEngine } from '@/embedded/io-engine/io-engine';
import { timings } from '@/embedded/timing';
import { Flags } from './arguments';
import { endsWhenTold } from './life';
import { storeAt } from './store-at';

const USAGE = `io-engine --name NODE --agent-core HOST:PORT [--grpc-port 10124] [--fabric-port 8420] [--host 127.0.0.1]
       [--disk FILE:SIZE ...] [--store HOST:PORT] [--rebuild-rate MiB/s] [--time-factor 1] [--with-parent] [--check]`;

/** What the flags ask for. Throws BadArguments. */
export function ioEngineOptions(args: readonly string[]) {
  const takes = [
    'name',
    'agent-core',
    'grpc-port',
    'fabric-port',
    'host',
    'disk',
    'store',
    'rebuild-rate',
    'time-factor',
  ];
  const flags = Flags.parse(args, takes, ['with-parent', 'check'], USAGE);
  const nodeName = flags.required('name');
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/i.test(nodeName))
    throw flags.bad(`--name must be a host name, not '${nodeName}'`);
  const agentCore = flags.address('agent-core');
  if (agentCore === undefined) throw flags.bad('--agent-core is missing');
  const rate = flags.number('rebuild-rate', 0, 100_000, 0);
  return {
    nodeName,
    agentCore,
    host: flags.text('host') ?? '127.0.0.1',
    grpcPort: flags.number('grpc-port', 0, 65_535, 10_124),
    fabricPort: flags.number('fabric-port', 0, 65_535, 8_420),
    disks: flags.disks('disk'),
    store: flags.address('store'),
    rebuildBytesPerSecond: rate > 0 ? rate * 1024 ** 2 : undefined,
    timings: timings(flags.number('time-factor', 0.1, 100, 1, false)),
    withParent: flags.has('with-parent'),
    check: flags.has('check'),
  };
}

/** Runs one io-engine alone until it is told to end. Prints one JSON line when it is up. */
export async function runIoEngine(args: readonly string[]): Promise<void> {
  const { store: storeAddress, withParent, check, ...options } = ioEngineOptions(args);
  if (check) return;
  const tell = (line: string) => console.error(`io-engine ${options.nodeName}: ${line}`);
  const store = storeAt(storeAddress, options.agentCore, tell);
  const met = new Set<string>();
  const fabric = new TcpFabric((remote, isNvmeTcp) => {
    const host = `${remote.slice(0, remote.lastIndexOf(':'))} ${isNvmeTcp}`;
    if (met.has(host)) return;
    met.add(host);
    tell(
      isNvmeTcp
        ? `an NVMe/TCP host at ${remote} was refused: this io-engine serves its own fabric only`
        : `${remote} speaks something that is not this fabric`,
    );
  });
  const engine = new IoEngine({
    ...options,
    store,
    fabric,
    onRegistration: (error) =>
      tell(error === undefined ? `registered at ${options.agentCore}` : `not registered: ${error.message}`),
  });
  await engine.start();
  endsWhenTold(withParent, async () => {
    await engine.stop();
    store.close();
  });
  console.log(
    JSON.stringify({
      ready: true,
      node: options.nodeName,
      ioEngine: engine.grpcAddress,
      fabric: engine.fabricAddress,
    }),
  );
}
