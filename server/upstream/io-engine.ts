import { credentials } from '@grpc/grpc-js';
import { HostRpcClient } from '@/gen/mayastor/v1/host';
import { NexusRpcClient } from '@/gen/mayastor/v1/nexus';
import { StatsRpcClient } from '@/gen/mayastor/v1/stats';
import type { EngineInfo, EngineReading, IoTotalsModel, NexusModel, RebuildStatsModel } from '../model/model';
import { type CallObserver, CHANNEL_OPTIONS, call, observed, throughGate, type UnaryMethod } from './call';
import { engineInfo, engineNexusModel, ioTotals, rebuildRecord, rebuildStats, resourceUsage } from './engine-mapping';
import { Gate } from './gate';
import { ok, type Result } from './result';
import { nexusId } from './scalars';

const READ_MS = 2_500;
/** Records asked for per nexus; agent-core asks for 8 as well (behaviour facts, 4.6). */
const HISTORY_PER_NEXUS = 8;

/** Read-only client of one node's io-engine: changes go through agent-core, which would undo any made here. */
export class IoEngineClient {
  private readonly host: HostRpcClient;
  private readonly nexus: NexusRpcClient;
  private readonly stats: StatsRpcClient;
  private readonly gate = new Gate({ width: 2, queue: 64, waitMs: 5_000 });

  /** `endpoint` is host:port; connects on first use. */
  constructor(
    readonly endpoint: string,
    private readonly node: string,
    private readonly observe?: CallObserver,
  ) {
    const plain = credentials.createInsecure();
    this.host = new HostRpcClient(endpoint, plain, CHANNEL_OPTIONS);
    const options = { ...CHANNEL_OPTIONS, channelOverride: this.host.getChannel() };
    this.nexus = new NexusRpcClient(endpoint, plain, options);
    this.stats = new StatsRpcClient(endpoint, plain, options);
  }

  close(): void {
    this.host.close();
  }

  private ask<Req, Res>(method: UnaryMethod<Req, Res>, request: Req, deadlineMs: number): Promise<Result<Res>> {
    return observed('io-engine', this.observe, () =>
      throughGate(this.gate, 'io-engine', () => call('io-engine', method, request, deadlineMs)),
    );
  }

  async info(): Promise<Result<EngineInfo>> {
    const reply = await this.ask(this.host.getMayastorInfo.bind(this.host), {}, READ_MS);
    return reply.ok ? ok(engineInfo(reply.value)) : reply;
  }

  async usage(): Promise<Result<EngineReading['usage']>> {
    const reply = await this.ask(this.host.getMayastorResourceUsage.bind(this.host), {}, READ_MS);
    return reply.ok ? ok(reply.value.usage && resourceUsage(reply.value.usage)) : reply;
  }

  async listNexuses(): Promise<Result<NexusModel[]>> {
    const reply = await this.ask(this.nexus.listNexus.bind(this.nexus), {}, READ_MS);
    if (!reply.ok) return reply;
    return ok(reply.value.nexusList.flatMap((n) => engineNexusModel(n, this.node) ?? []));
  }

  /** Statistics of the job that rebuilds `childUri`; undefined when there is none (any more). */
  async rebuildStats(nexus: NexusModel, childUri: string): Promise<Result<RebuildStatsModel | undefined>> {
    const request = { nexusUuid: nexus.id, uri: childUri };
    const reply = await this.ask(this.nexus.getRebuildStats.bind(this.nexus), request, READ_MS);
    if (reply.ok) return ok(rebuildStats(nexus.id, childUri, reply.value));
    return reply.error.kind === 'NotFound' ? ok(undefined) : reply;
  }

  /** Ended rebuilds that the node remembers, newest last. Kept by the nexus in memory and gone with it. */
  async rebuildHistory(): Promise<Result<RebuildStatsModel[]>> {
    const request = { count: HISTORY_PER_NEXUS };
    const reply = await this.ask(this.nexus.listRebuildHistory.bind(this.nexus), request, READ_MS);
    if (!reply.ok) return reply;
    const records: RebuildStatsModel[] = [];
    for (const [uuid, history] of Object.entries(reply.value.histories)) {
      const nexus = nexusId(history.uuid || uuid);
      if (nexus) for (const record of history.records) records.push(rebuildRecord(nexus, record));
    }
    return ok(records.sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0)));
  }

  /** Counters of targets, by nexus id. */
  async nexusIo(): Promise<Result<Map<string, IoTotalsModel>>> {
    const reply = await this.ask(this.stats.getNexusIoStats.bind(this.stats), {}, READ_MS);
    return reply.ok ? ok(new Map(reply.value.stats.map((s) => [s.uuid, ioTotals(s)]))) : reply;
  }

  /** Counters of replicas, by replica id. Snapshots are in the reply as well. */
  async replicaIo(): Promise<Result<Map<string, IoTotalsModel>>> {
    const reply = await this.ask(this.stats.getReplicaIoStats.bind(this.stats), {}, READ_MS);
    if (!reply.ok) return reply;
    return ok(new Map(reply.value.stats.flatMap((r) => (r.stats ? [[r.stats.uuid, ioTotals(r.stats)] as const] : []))));
  }

  /** Counters of pools' disks, by pool name. */
  async poolIo(): Promise<Result<Map<string, IoTotalsModel>>> {
    const reply = await this.ask(this.stats.getPoolIoStats.bind(this.stats), {}, READ_MS);
    return reply.ok ? ok(new Map(reply.value.stats.map((s) => [s.name, ioTotals(s)]))) : reply;
  }
}
