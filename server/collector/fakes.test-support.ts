import type { NexusId, ReplicaId, VolumeId } from '@/contract/scalars';
import type {
  EngineReading,
  IoTotalsModel,
  NexusModel,
  NodeModel,
  RebuildStatsModel,
  VolumeModel,
} from '@/server/model/model';
import { err, ok, type Result, type UpstreamError } from '@/server/upstream/result';
import type { Clock } from './clock';
import type { CoreReads } from './core-pass';
import type { EngineReads } from './engine-pass';

/** Time that a test turns by hand. Timers run in order, and everything they start gets to settle in between. */
export class HandClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  #timers: Array<{ at: number; run: () => void }> = [];

  now = () => this.#now;

  after(ms: number, run: () => void) {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const next = this.#timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((t) => t !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await settle();
    }
    this.#now = end;
  }
}

const settle = async () => {
  for (let i = 0; i < 5; i += 1) await new Promise<void>((done) => setImmediate(done));
};

// Fixed ids of the right shape, branded as what the tests use them for.
export const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const volumeId = (n: number) => uuid(n) as VolumeId;
export const nexusId = (n: number) => uuid(1_000 + n) as NexusId;
export const replicaId = (n: number) => uuid(2_000 + n) as ReplicaId;

export const down: UpstreamError = {
  source: 'io-engine',
  kind: 'Unavailable',
  message: 'no connection',
  retryable: true,
  outcome: 'refused',
};

export const totals = (over: Partial<IoTotalsModel> = {}): IoTotalsModel => ({
  readOps: 0n,
  writeOps: 0n,
  unmapOps: 0n,
  bytesRead: 0n,
  bytesWritten: 0n,
  bytesUnmapped: 0n,
  readLatencyTicks: 0n,
  writeLatencyTicks: 0n,
  unmapLatencyTicks: 0n,
  tickRate: 1_000_000_000n,
  ...over,
});

export const node = (id: string, endpoint = '10.0.0.1:10124'): NodeModel => ({
  id,
  endpoint,
  labels: new Map(),
  cordon: { state: 'none', cordonLabels: [], drainLabels: [] },
  status: 'online',
  features: [],
  raw: { spec: undefined, state: undefined },
});

export const volume = (n: number, over: Partial<VolumeModel> = {}): VolumeModel => ({
  id: volumeId(n),
  sizeBytes: 1n << 30n,
  labels: new Map(),
  replicas: 2,
  specStatus: 'created',
  thin: false,
  asThin: false,
  selfHeal: true,
  topology: {},
  numSnapshots: 0,
  publishContext: new Map(),
  status: 'online',
  replicaTopology: [],
  ...over,
});

export const nexus = (n: number, over: Partial<NexusModel> = {}): NexusModel => ({
  id: nexusId(n),
  volume: volumeId(n),
  node: 'io-1',
  sizeBytes: 1n << 30n,
  status: 'online',
  rebuilds: 0,
  children: [],
  ...over,
});

export const childUri = (n: number) => `bdev:///${replicaId(n)}?uuid=${replicaId(n)}`;

export const job = (over: Partial<RebuildStatsModel> = {}): RebuildStatsModel => ({
  nexus: nexusId(1),
  childUri: childUri(2),
  state: 'running',
  isPartial: false,
  blockSize: 512,
  blocksTotal: 10_000n,
  blocksRecovered: 0n,
  blocksTransferred: 0n,
  blocksRemaining: 10_000n,
  progress: 0,
  startedAt: 1_000,
  ...over,
});

export const reading = (over: Partial<EngineReading> = {}): EngineReading => ({
  node: 'io-1',
  at: 0,
  info: { version: '2.7.1', instanceUuid: 'a', features: [] },
  nexuses: [],
  rebuilds: [],
  history: [],
  nexusIo: new Map(),
  replicaIo: new Map(),
  poolIo: new Map(),
  ...over,
});

/** An io-engine that says what the test sets, nothing while `hung`, and an error while `dead`. */
export class FakeEngine implements EngineReads {
  hung = false;
  dead = false;
  passes = 0;
  closed = false;
  instance = 'a';
  nexuses: NexusModel[] = [];
  rebuilds: RebuildStatsModel[] = [];
  records: RebuildStatsModel[] = [];
  io = new Map<string, IoTotalsModel>();

  constructor(readonly node: string) {}

  #reply<T>(value: T): Promise<Result<T>> {
    if (this.hung) return new Promise(() => {});
    return Promise.resolve(this.dead ? err(down) : ok(value));
  }

  info() {
    this.passes += 1;
    return this.#reply({ version: '2.7.1', instanceUuid: this.instance, nodeName: this.node, features: [] });
  }
  usage() {
    return this.#reply(undefined);
  }
  listNexuses() {
    return this.#reply(structuredClone(this.nexuses));
  }
  rebuildStats(of: NexusModel, uri: string) {
    return this.#reply(this.rebuilds.find((r) => r.nexus === of.id && r.childUri === uri));
  }
  rebuildHistory() {
    return this.#reply(structuredClone(this.records));
  }
  nexusIo() {
    return this.#reply(new Map(this.io));
  }
  replicaIo() {
    return this.#reply(new Map<string, IoTotalsModel>());
  }
  poolIo() {
    return this.#reply(new Map<string, IoTotalsModel>());
  }
  close() {
    this.closed = true;
  }
}

/** An agent-core that lists what the test sets. */
export class FakeCore implements CoreReads {
  readonly endpoint = '10.0.0.100:50051';
  dead = false;
  passes = 0;
  /** Volumes that were asked for by themselves. */
  asked = 0;
  /** What a list takes. */
  slow: () => Promise<void> = async () => undefined;
  nodes = new Map<string, NodeModel>();
  volumes = new Map<string, VolumeModel>();
  /** Volumes that exist and fall between two pages of the list. */
  readonly hidden = new Set<string>();

  #reply<T>(value: T): Promise<Result<T>> {
    return Promise.resolve(this.dead ? err({ ...down, source: 'agent-core' as const }) : ok(value));
  }

  listNodes() {
    this.passes += 1;
    return this.#reply(structuredClone(this.nodes));
  }
  listPools() {
    return this.#reply(new Map());
  }
  listReplicas() {
    return this.#reply(new Map());
  }
  async listVolumes() {
    await this.slow();
    return this.#reply(new Map([...structuredClone(this.volumes)].filter(([id]) => !this.hidden.has(id))));
  }
  getVolume(id: VolumeId) {
    this.asked += 1;
    const model = this.volumes.get(id);
    return this.#reply(model && { model, raw: undefined });
  }
  listSnapshots() {
    return this.#reply(new Map());
  }
  listAppNodes() {
    return this.#reply(new Map());
  }
}
