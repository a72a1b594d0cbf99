import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ChannelCredentials, type Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { build } from 'esbuild';
import { call, until, value } from '@/embedded/agent-core/testing/test-cluster';
import type { Nexus, Replica } from '@/gen/mayastor/v1/common';
import { type ListNexusResponse, type ListRebuildHistoryResponse, NexusRpcClient } from '@/gen/mayastor/v1/nexus';
import { type ListReplicasResponse, ReplicaRpcClient } from '@/gen/mayastor/v1/replica';
import { NodeGrpcClient, NodeStatus } from '@/gen/v1/node/target_node';
import { PoolGrpcClient } from '@/gen/v1/pool/pool';
import { CreateVolumeRequest, type Volume, VolumeGrpcClient, VolumeShareProtocol } from '@/gen/v1/volume/volume';

type Callback<T> = (error: ServiceError | null, response: T) => void;

export { call, until, value };

/** The program as it is shipped, bundled anew. The file is below the repository, where its packages are. */
async function bundle(): Promise<string> {
  mkdirSync('.cache', { recursive: true });
  const folder = mkdtempSync(path.resolve('.cache', 'halves-'));
  const outfile = path.join(folder, 'embedded.mjs');
  await build({
    entryPoints: ['embedded/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
  return outfile;
}

/** One half as a process. */
export class Half {
  errors = '';

  private constructor(
    private readonly child: ChildProcess,
    /** What it printed when it was up. */
    readonly ready: Readonly<Record<string, string>>,
  ) {}

  static async start(program: string, args: readonly string[]): Promise<Half> {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    let half: Half | undefined;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
      if (half) half.errors = errors;
    });
    let text = '';
    child.stdout.setEncoding('utf8');
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (more: string) => {
        text += more;
        if (text.includes('\n')) resolve(text);
      });
      child.on('exit', (code) => reject(new Error(`ended with ${code}: ${errors}`)));
    });
    // What our own program prints.
    half = new Half(child, JSON.parse(line) as Record<string, string>);
    half.errors = errors;
    return half;
  }

  /** Signals and waits for the end; the exit code, null after a kill. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    const [code] = (await gone) as [number | null];
    return code;
  }
}

const MIB = 1024 * 1024;

/** agent-core and io-engines, each in a process of its own, as somebody would start them by hand. */
export class Halves {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'halves-'));
  readonly engines = new Map<string, { half: Half; args: string[] }>();
  core!: Half; // made by start()
  volumes!: VolumeGrpcClient; // made by connect(), which start() calls
  nodes!: NodeGrpcClient;
  pools!: PoolGrpcClient;
  private corePort = 0;
  private clients: Array<{ close(): void }> = [];

  private constructor(
    private readonly program: string,
    private readonly factor: number,
    private readonly diskBytes: number,
  ) {}

  static async start(names: readonly string[], options: { factor?: number; diskBytes?: number } = {}): Promise<Halves> {
    const halves = new Halves(await bundle(), options.factor ?? 40, options.diskBytes ?? 256 * MIB);
    await halves.startCore();
    await Promise.all(names.map((name) => halves.startEngine(name)));
    await halves.online(names);
    return halves;
  }

  async startCore(): Promise<void> {
    const args = ['agent-core', '--data', path.join(this.folder, 'core'), '--port', String(this.corePort)];
    this.core = await Half.start(this.program, [...args, '--time-factor', String(this.factor)]);
    const address = this.core.ready.agentCore ?? '';
    this.corePort = Number(address.split(':')[1]);
    for (const client of this.clients.splice(0)) client.close();
    const insecure = credentials.createInsecure();
    // Each with a connection of its own: one that broke is not handed on.
    const options = { 'grpc.use_local_subchannel_pool': 1 };
    this.volumes = new VolumeGrpcClient(address, insecure, options);
    this.nodes = new NodeGrpcClient(address, insecure, options);
    this.pools = new PoolGrpcClient(address, insecure, options);
    this.clients.push(this.volumes, this.nodes, this.pools);
  }

  get coreAddress(): string {
    return `127.0.0.1:${this.corePort}`;
  }

  disk(name: string): string {
    return path.join(this.folder, `${name}.img`);
  }

  /** Starts it the first time on any ports, later on those that it had. */
  async startEngine(name: string): Promise<void> {
    const before = this.engines.get(name);
    const args = before?.args ?? [
      ...['io-engine', '--name', name, '--agent-core', this.coreAddress, '--time-factor', String(this.factor)],
      ...['--disk', `${this.disk(name)}:${this.diskBytes}`, '--grpc-port', '0', '--fabric-port', '0'],
    ];
    const half = await Half.start(this.program, args);
    const port = (key: string) => half.ready[key]?.split(':')[1] ?? '';
    const again = [...args, '--grpc-port', port('ioEngine'), '--fabric-port', port('fabric')];
    this.engines.set(name, { half, args: before?.args ?? again });
  }

  engine(name: string): Half {
    const engine = this.engines.get(name);
    if (!engine) throw new Error(`no engine ${name}`);
    return engine.half;
  }

  async online(names: readonly string[]): Promise<void> {
    await until(`online: ${names.join(', ')}`, async () => {
      const reply = await call<import('@/gen/v1/node/target_node').GetNodesReply>((cb) =>
        this.nodes.getNodes({ ignoreNotfound: false }, cb),
      ).catch(() => undefined);
      if (reply === undefined) return false;
      const { nodes } = value(reply, 'nodes');
      return names.every((n) => nodes.some((node) => node.nodeId === n && node.state?.status === NodeStatus.Online));
    });
  }

  async createPool(node: string): Promise<void> {
    const request = { nodeId: node, poolId: `pool-${node}`, disks: [this.disk(node)] };
    value(await call<import('@/gen/v1/pool/pool').CreatePoolReply>((cb) => this.pools.createPool(request, cb)), 'pool');
  }

  async createVolume(uuid: string, replicas: bigint, size = BigInt(32 * MIB)): Promise<Volume> {
    const request = CreateVolumeRequest.fromPartial({ uuid, replicas, size, thin: true, policy: { selfHeal: true } });
    const made = await call<import('@/gen/v1/volume/volume').CreateVolumeReply>((cb) =>
      this.volumes.createVolume(request, cb),
    );
    return value(made, 'volume');
  }

  async publish(uuid: string, targetNode?: string): Promise<Volume> {
    const request = { uuid, targetNode, share: VolumeShareProtocol.Nvmf, publishContext: {}, frontendNodes: [] };
    const published = await call<import('@/gen/v1/volume/volume').PublishVolumeReply>((cb) =>
      this.volumes.publishVolume(request, cb),
    );
    return value(published, 'volume');
  }

  async unpublish(uuid: string): Promise<Volume> {
    const unpublished = await call<import('@/gen/v1/volume/volume').UnpublishVolumeReply>((cb) =>
      this.volumes.unpublishVolume({ uuid, force: false, frontendNodes: [] }, cb),
    );
    return value(unpublished, 'volume');
  }

  async getVolumes(): Promise<Volume[]> {
    const reply = await call<import('@/gen/v1/volume/volume').GetVolumesReply>((cb) =>
      this.volumes.getVolumes({ ignoreNotfound: false }, cb),
    );
    return value(reply, 'volumes').entries;
  }

  async getVolume(uuid: string): Promise<Volume> {
    const volume = (await this.getVolumes()).find((candidate) => candidate.definition?.spec?.uuid === uuid);
    if (!volume) throw new Error(`no volume ${uuid}`);
    return volume;
  }

  /** Replicas as the io-engine itself lists them. */
  async replicasOn(name: string): Promise<Replica[]> {
    const listed = await this.ask(name, ReplicaRpcClient, (client, cb: Callback<ListReplicasResponse>) =>
      client.listReplicas({ pooltypes: [] }, cb),
    );
    return listed.replicas;
  }

  /** Targets as the io-engine itself lists them. */
  async nexusesOn(name: string): Promise<Nexus[]> {
    const listed = await this.ask(name, NexusRpcClient, (client, cb: Callback<ListNexusResponse>) =>
      client.listNexus({}, cb),
    );
    return listed.nexusList;
  }

  /** Rebuilds that ended on the node since it started, by target. */
  async rebuildsOn(name: string) {
    const listed = await this.ask(name, NexusRpcClient, (client, cb: Callback<ListRebuildHistoryResponse>) =>
      client.listRebuildHistory({}, cb),
    );
    return listed.histories;
  }

  private async ask<C extends Client, T>(
    name: string,
    make: new (address: string, c: ChannelCredentials) => C,
    run: (client: C, callback: Callback<T>) => unknown,
  ): Promise<T> {
    const client = new make(this.engine(name).ready.ioEngine ?? '', credentials.createInsecure());
    try {
      return await call<T>((cb) => run(client, cb));
    } finally {
      client.close();
    }
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.close();
    await Promise.all([this.core.end('SIGKILL'), ...[...this.engines.values()].map(({ half }) => half.end('SIGKILL'))]);
    rmSync(this.folder, { recursive: true, force: true });
    rmSync(path.dirname(this.program), { recursive: true, force: true });
  }
}
