import type { IoRate } from '@/contract/io';
import type { VolumeId } from '@/contract/scalars';
import type { EngineReading, ReplicaModel, VolumeModel } from '@/server/model/model';
import type { ClusterSnapshot, StatusSince } from '@/server/model/snapshot';
import { replicaOfUri } from '@/server/model/uri';
import { type Clock, systemClock } from './clock';
import { Coalescer } from './coalesce';
import { isKnown, newest, sameRates, sameSources } from './compare';
import { type CoreLists, type CoreReads, type Doubts, listsDiffer, readCore } from './core-pass';
import { EngineFleet } from './engine-fleet';
import { differs, type EngineReads } from './engine-pass';
import { engineRates, type Rates } from './engine-rates';
import { engineNexuses, isCurrent, liveNexus, liveStatus } from './live-nexus';
import { inTransition, Pace } from './pace';
import { seededRandom } from './random';
import { RateTable } from './rate-table';
import { MAX_GAP_MS, sumRates } from './rates';
import { NO_REBUILDS, trackRebuilds } from './rebuilds';
import { SeriesStore } from './series';
import { sameValue } from './share';
import { trackSince } from './since';
import { Source } from './source';
import { Strain } from './strain';
import { WantedNodes } from './wanted';

export interface Intervals {
  /** Shortest pause between passes over agent-core, over its slow lists, over one io-engine, and between snapshots. */
  agentCoreMs: number;
  slowMs: number;
  engineMs: number;
  publishMs: number;
}

const INTERVALS: Intervals = { agentCoreMs: 1_000, slowMs: 10_000, engineMs: 1_000, publishMs: 100 };

/** Everything waits for agent-core, and it is one: a try every 2 s costs nothing. */
const CORE_BACKOFF_MS = 2_000;

/** A pass as quick as this is simply repeated after a change, instead of reading the one volume. */
const QUICK_PASS_MS = 250;

export interface CollectorOptions {
  cluster: { id: string; name: string };
  agentCore: CoreReads;
  /** Makes the reader of one node's io-engine; the collector closes it. */
  ioEngines: (endpoint: string, node: string) => EngineReads;
  clock?: Clock;
  random?: () => number;
  intervals?: Partial<Intervals>;
  /** Whether a tab follows the cluster now; without it somebody always does. */
  isWatched?: () => boolean;
  /** How busy this process is; its own event loop by default. */
  strain?: { readonly factor: number };
}

type Listener = (snapshot: ClusterSnapshot, previous: ClusterSnapshot) => void;

/**
 * Reads one cluster for everybody: agent-core and each io-engine on schedules of their own, into one immutable snapshot.
 * Listeners hear of a snapshot only when something differs; ages alone move on silently.
 */
export class Collector {
  readonly series: SeriesStore;
  readonly #options: CollectorOptions;
  readonly #clock: Clock;
  readonly #intervals: Intervals;
  readonly #pace: Pace;
  readonly #core: Source;
  readonly #fleet: EngineFleet;
  readonly #listeners = new Set<Listener>();
  readonly #nodeRates = new RateTable();
  readonly #wanted: WantedNodes;
  /** Volumes read alone, until a whole pass that began later has them. */
  readonly #volumesAsked = new Map<VolumeId, { reads: Coalescer; isRead: boolean }>();
  readonly #overlay = new Map<VolumeId, { at: number; model: VolumeModel | undefined }>();
  #lists: CoreLists = {};
  #doubts: Doubts | undefined;
  #rebuilds = NO_REBUILDS;
  #since: ReadonlyMap<string, StatusSince> = new Map();
  /** What the statuses of each kind followed from when they were looked at last. */
  readonly #judged = new Map<string, readonly unknown[]>();
  #snapshot: ClusterSnapshot;
  #dirty = false;
  #slowAt = Number.NEGATIVE_INFINITY;
  #passMs = 0;
  #clusterPointAt = Number.NEGATIVE_INFINITY;
  #cancelPublish: (() => void) | undefined;
  #publishCostMs = 0;
  #stopped = false;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#intervals = { ...INTERVALS, ...options.intervals };
    const random = options.random ?? seededRandom(options.cluster.id);
    const changed = () => this.#schedulePublish();
    const strain = options.strain ?? new Strain({ now: () => this.#clock.now() });
    this.#pace = new Pace({
      now: () => this.#clock.now(),
      isWatched: options.isWatched ?? (() => true),
      isInTransition: () => inTransition(this.#snapshot),
      strain: () => strain.factor,
    });
    this.#wanted = new WantedNodes(() => this.#clock.now());
    this.series = new SeriesStore({ now: () => this.#clock.now() });
    this.#core = new Source({
      source: 'agent-core',
      endpoint: options.agentCore.endpoint,
      intervalMs: () => this.#pace.coreInterval(this.#intervals.agentCoreMs, this.#lists.volumes?.items.size ?? 0),
      maxBackoffMs: CORE_BACKOFF_MS,
      clock: this.#clock,
      random,
      changed,
      pass: () => this.#readCore(),
    });
    this.#fleet = new EngineFleet({
      clock: this.#clock,
      random,
      intervalMs: (node) => this.#pace.nodeInterval(this.#intervals.engineMs, this.#fleet.size, this.#wanted.has(node)),
      agentCore: options.agentCore.endpoint,
      connect: options.ioEngines,
      changed,
      read: (before, reading) => this.#takeReading(before, reading),
      silent: (node) => this.#takeSilence(node),
    });
    this.#snapshot = {
      cluster: options.cluster,
      revision: 0,
      at: this.#clock.now(),
      engines: new Map(),
      sources: [this.#core.state],
      rates: new Map(),
      running: [],
      ended: [],
      since: this.#since,
    };
  }

  get snapshot(): ClusterSnapshot {
    return this.#snapshot;
  }

  /** The collector's time, by which ages are told. */
  now(): number {
    return this.#clock.now();
  }

  /** Somebody looks at the cluster now, or at a node of it. When nobody did before, it is read again soon. */
  look(node?: string): void {
    const isNew = node !== undefined && this.#wanted.look(node);
    if (this.#pace.look()) {
      this.#core.hasten();
      this.#fleet.hasten();
    } else if (isNew) this.#fleet.hasten(node);
  }

  start(): void {
    this.#core.start();
  }

  /** Closes the io-engines' connections; that of agent-core belongs to whoever made it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#core.stop();
    this.#fleet.stop();
    this.#cancelPublish?.();
    this.#listeners.clear();
  }

  /** Calls `listener` with each snapshot that differs; the answer ends it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Reads now, after a change, and ends when the snapshot has it. With a volume: that volume and the node of its target; in
   * a small cluster, and without a volume, everything at agent-core. Errors show in `sources`, as with any reading; false:
   * agent-core could not be read.
   */
  async refresh(what: { volume?: VolumeId } = {}): Promise<boolean> {
    let isRead: boolean;
    if (what.volume && this.#passMs > QUICK_PASS_MS) isRead = await this.#readVolume(what.volume);
    else {
      this.#slowAt = Number.NEGATIVE_INFINITY;
      await this.#core.readNow();
      isRead = this.#core.state.status === 'ok';
    }
    const target = what.volume && this.#lists.volumes?.items.get(what.volume)?.target?.node;
    if (target) await this.#fleet.readNow(target);
    this.#publish();
    return isRead;
  }

  async #readCore() {
    const begun = this.#clock.now();
    const slow = begun - this.#slowAt >= this.#intervals.slowMs;
    const pass = await readCore(this.#options.agentCore, this.#clock, this.#lists, slow, this.#doubts);
    const { lists, result } = pass;
    if (this.#stopped) return result;
    this.#doubts = pass.doubts;
    this.#passMs = this.#clock.now() - begun;
    if (slow && result.ok) this.#slowAt = begun;
    for (const [id, { at }] of this.#overlay) if (at < begun) this.#overlay.delete(id);
    this.#takeLists({ ...lists, volumes: this.#overlaid(lists.volumes) });
    if (lists.nodes) this.#fleet.follow(lists.nodes.items);
    return result;
  }

  /** However many ask for one volume at once, it is read once now and once after that. */
  async #readVolume(id: VolumeId): Promise<boolean> {
    const asked = this.#volumesAsked.get(id) ?? { reads: new Coalescer(), isRead: false };
    this.#volumesAsked.set(id, asked);
    await asked.reads.run(async () => {
      asked.isRead = await this.#askForVolume(id);
    });
    if (!asked.reads.busy) this.#volumesAsked.delete(id);
    return asked.isRead;
  }

  async #askForVolume(id: VolumeId): Promise<boolean> {
    const at = this.#clock.now();
    const reply = await this.#options.agentCore.getVolume(id);
    if (this.#stopped || !reply.ok) return false;
    this.#overlay.set(id, { at, model: reply.value?.model });
    this.#takeLists({ ...this.#lists, volumes: this.#overlaid(this.#lists.volumes) });
    return true;
  }

  #overlaid(volumes: CoreLists['volumes']): CoreLists['volumes'] {
    if (!volumes || this.#overlay.size === 0) return volumes;
    const items = new Map(volumes.items);
    for (const [id, { model }] of this.#overlay) {
      if (!model) items.delete(id);
      else if (!sameValue(items.get(id), model)) items.set(id, model);
    }
    const same = items.size === volumes.items.size && [...items].every(([id, v]) => volumes.items.get(id) === v);
    return same ? volumes : { at: volumes.at, items };
  }

  #takeLists(lists: CoreLists): void {
    if (listsDiffer(this.#lists, lists)) {
      this.#dirty = true;
      this.series.keepOnly((key) => isKnown(key, lists));
      if (lists.volumes) this.series.fit(lists.volumes.items.size);
    }
    this.#lists = lists;
  }

  #takeReading(before: EngineReading | undefined, reading: EngineReading): void {
    const { node } = reading;
    if (differs(before, reading)) this.#dirty = true;
    this.#wanted.rebuilds(node, reading.rebuilds.length > 0);
    this.#rebuilds = trackRebuilds(this.#rebuilds, before, reading, (uri) => this.#replicaOf(uri));
    // A reading that was asked for out of turn is too close to the last one for rates: those before it stand.
    if (before && reading.at - before.at < this.#intervals.engineMs / 4) return;
    const rates = engineRates(before, reading, this.#nodeRates.nodes.get(node));
    if (!sameRates(this.#nodeRates.nodes.get(node), rates)) this.#dirty = true;
    this.#nodeRates.set(node, rates);
    this.#record(reading, rates, before?.at);
  }

  #takeSilence(node: string): void {
    this.#wanted.rebuilds(node, false);
    if (this.#nodeRates.delete(node)) this.#dirty = true;
    const reading = this.#fleet.readings.get(node);
    if (reading) this.#record({ ...reading, at: this.#clock.now() }, new Map());
  }

  /** Adds one point to the series of a node, its pools and its volumes; a missing rate is a gap. */
  #record(reading: EngineReading, rates: Rates, since?: number): void {
    const push = (key: string, rateKey: string) => this.series.push(key, reading.at, rates.get(rateKey)?.rate, since);
    push(`node:${reading.node}`, `node:${reading.node}`);
    for (const pool of reading.poolIo.keys()) push(`pool:${pool}`, `pool:${pool}`);
    for (const nexus of reading.nexuses) {
      if (!nexus.volume) continue;
      // After a failover the old target may linger; only the one that the spec names is the volume's.
      const target = this.#lists.volumes?.items.get(nexus.volume)?.target?.nexus;
      if (target === nexus.id) push(`volume:${nexus.volume}`, `nexus:${nexus.id}`);
    }
    if (reading.at - this.#clusterPointAt >= this.#intervals.engineMs * 0.9) {
      const since = Math.max(this.#clusterPointAt, reading.at - MAX_GAP_MS);
      this.#clusterPointAt = reading.at;
      this.series.push('cluster', reading.at, this.#clusterRate(), since);
    }
  }

  /** Sum over the nodes that answer; `sources` says which do not. Unknown when none does. */
  #clusterRate(): IoRate | undefined {
    const nodes = [...this.#nodeRates.nodes].flatMap(([node, rates]) => rates.get(`node:${node}`)?.rate ?? []);
    return sumRates(nodes, false);
  }

  #replicaOf(uri: string): ReplicaModel | undefined {
    const replica = replicaOfUri(uri);
    return replica && this.#lists.replicas?.items.get(replica);
  }

  #schedulePublish(): void {
    if (this.#cancelPublish || this.#stopped) return;
    // Making a snapshot of a large cluster costs; it may take a tenth of the time at most.
    const pauseMs = Math.max(this.#intervals.publishMs, this.#publishCostMs * 10);
    this.#cancelPublish = this.#clock.after(pauseMs, () => this.#publish());
  }

  #publish(): void {
    this.#cancelPublish?.();
    this.#cancelPublish = undefined;
    if (this.#stopped) return;
    const begun = this.#clock.now();
    const previous = this.#snapshot;
    const next = this.#compose(previous);
    this.#snapshot = next;
    this.#publishCostMs = this.#clock.now() - begun;
    if (next.revision !== previous.revision) for (const listener of this.#listeners) listener(next, previous);
  }

  #compose(previous: ClusterSnapshot): ClusterSnapshot {
    const sources = [this.#core.state, ...this.#fleet.states];
    const engines = this.#fleet.readings;
    this.#trackSince(engines);
    const cluster = this.#clusterRate();
    const at = newest(this.#lists, engines) ?? previous.at;
    const rates = this.#nodeRates.view(new Map(cluster ? [['cluster', { at, rate: cluster }]] : []));
    const running = [...this.#rebuilds.running.values()];
    const differ =
      this.#dirty ||
      this.#since !== previous.since ||
      this.#rebuilds.ended !== previous.ended ||
      !sameSources(sources, previous.sources);
    this.#dirty = false;
    return {
      cluster: this.#options.cluster,
      revision: previous.revision + (differ ? 1 : 0),
      at,
      ...this.#lists,
      engines,
      sources,
      rates,
      running,
      ended: this.#rebuilds.ended,
      since: this.#since,
    };
  }

  /** Only what can change a status is looked at: that is rare, and volumes are many. */
  #trackSince(engines: ReadonlyMap<string, EngineReading>): void {
    const { nodes, pools, volumes } = this.#lists;
    const track = (prefix: string, at: number, parts: readonly unknown[], statuses: () => Array<[string, string]>) => {
      const before = this.#judged.get(prefix);
      if (before?.length === parts.length && before.every((part, i) => part === parts[i])) return;
      this.#judged.set(prefix, parts);
      this.#since = trackSince(this.#since, prefix, new Map(statuses()), at);
    };
    if (nodes)
      track('node:', nodes.at, [nodes.items], () =>
        [...nodes.items.values()].map((n) => [n.id, n.status ?? 'unknown']),
      );
    if (pools)
      track('pool:', pools.at, [pools.items], () =>
        [...pools.items.values()].map((p) => [p.id, p.state?.status ?? 'unknown']),
      );
    if (!volumes) return;
    const readings = [...engines.values()].flatMap((e) => [e.node, e.nexuses, isCurrent(e.at, volumes.at)]);
    track('volume:', this.#clock.now(), [volumes.items, ...readings], () => {
      const nexuses = engineNexuses(engines);
      const live = (v: VolumeModel) => liveNexus({ engines, volumes }, v, nexuses);
      return [...volumes.items.values()].map((v) => [v.id, liveStatus(v, live(v))]);
    });
  }
}
