import { randomUUID } from 'node:crypto';
import { NexusState } from '@/gen/mayastor/v1/common';
import { SpecStatus } from '@/gen/v1/misc/common';
import { NexusStatus } from '@/gen/v1/nexus/nexus';
import type { GetPoolsReply } from '@/gen/v1/pool/pool';
import type { GetSpecsReply } from '@/gen/v1/registry/registry';
import type { GetSnapshotsReply, GetVolumesReply } from '@/gen/v1/volume/volume';
import { Kind } from '../errors';
import type { KillCluster, Outcome } from './kill-cluster';
import { call, until, value } from './test-cluster';

const MIB = 1024 * 1024;

/** What the clients know of a volume. */
interface Known {
  readonly uuid: string;
  sizeMib: number;
  replicas: number;
  published: boolean;
  readonly snapshots: Set<string>;
}

/** An operation as a client sees it. */
export interface Operation {
  readonly name: string;
  /** What it works on; two operations of a round never share it, nor its disk. */
  readonly on: string;
  run(): Promise<Outcome>;
  /** The refusal that a repeat gets when the first try had come through. */
  readonly already: Kind;
  /** A refusal that changes nothing, for what the other operations of the round did. */
  readonly mayRefuse?: Kind;
  /** What is so once it is done. */
  readonly apply: () => void;
  /** Done instead of a repeat: puts away what a try that was given up may have left. */
  readonly giveUp?: Operation;
}

/** Refusals that pass: another operation, a rebuild or a reconcile pass is still at it. */
const PASSING: ReadonlySet<Kind> = new Set([
  Kind.Conflict,
  Kind.FailedPrecondition,
  Kind.IsDeleting,
  Kind.Unavailable,
  Kind.ReplicaIncrease,
]);

/** What should be there, by what was acknowledged; and the operations that may come next. */
export class KillModel {
  readonly volumes = new Map<string, Known>();
  readonly pools = new Map<string, string>();
  private poolCount = 0;

  constructor(
    private readonly cluster: KillCluster,
    private readonly random: (below: number) => number,
  ) {}

  /** Makes a pool on the first disk of each node, for the volumes. */
  async begin(): Promise<void> {
    for (const node of this.cluster.engines.keys()) {
      const made = await this.cluster.createPool(node, `pool-${node}`);
      if (made !== 'done') throw new Error(`no pool on ${node}`);
      this.pools.set(`pool-${node}`, node);
    }
  }

  /** Different operations on different things. */
  draw(count: number): Operation[] {
    const drawn: Operation[] = [];
    while (drawn.length < count) {
      const next = this.any();
      if (!drawn.some((operation) => this.place(operation.on) === this.place(next.on))) drawn.push(next);
    }
    return drawn;
  }

  /** Repeats an operation whose outcome is not known until it is done or was done already. */
  async repeat(operation: Operation): Promise<void> {
    let isRefused = false;
    await until(`${operation.name} again`, async () => {
      const outcome = await operation.run();
      if (outcome === 'done') return true;
      if (outcome === 'unknown') throw new Error(`${operation.name}: no answer`);
      if (outcome.kind === operation.already) return true;
      isRefused = outcome.kind === operation.mayRefuse;
      if (isRefused) return true;
      if (PASSING.has(outcome.kind)) return false;
      throw new Error(`${operation.name} again: ${Kind[outcome.kind]} ${outcome.source} ${outcome.extra}`);
    });
    if (!isRefused) operation.apply();
  }

  /** Everything that is not as it should be; empty when agent-core, its store and the io-engines agree. */
  async problems(unsure: ReadonlySet<string>): Promise<string[]> {
    const problems: string[] = [];
    const volumes = await this.readVolumes(problems, unsure);
    const specs = value(await call<GetSpecsReply>((cb) => this.cluster.registry.getSpecs({}, cb)), 'specs');
    const live = await this.readEngines();
    const owned = new Map<string, number>();
    for (const spec of specs.replicas) {
      const owner = spec.owners?.volume ?? '';
      owned.set(owner, (owned.get(owner) ?? 0) + 1);
      if (spec.specStatus !== SpecStatus.Created) problems.push(`replica ${spec.replicaId} is half done`);
    }
    for (const known of volumes) {
      if (owned.get(known.uuid) !== known.replicas)
        problems.push(`${known.uuid} has ${owned.get(known.uuid)} replicas, wanted ${known.replicas}`);
      owned.delete(known.uuid);
      const nexuses = live.nexuses.filter((nexus) => nexus.name === known.uuid);
      if (nexuses.length !== (known.published ? 1 : 0)) problems.push(`${known.uuid} has ${nexuses.length} targets`);
      for (const nexus of nexuses)
        if (nexus.state !== NexusState.NEXUS_ONLINE || nexus.children.length !== known.replicas)
          problems.push(
            `the target of ${known.uuid} is in state ${nexus.state} with ${nexus.children.length} children`,
          );
    }
    for (const owner of owned.keys()) problems.push(`replicas of '${owner}', which is gone`);
    compare(
      'replicas',
      live.replicas,
      specs.replicas.map((spec) => spec.replicaId ?? ''),
      problems,
    );
    compare(
      'targets',
      live.nexuses.map((n) => n.uuid),
      specs.nexuses.map((spec) => spec.nexusId ?? ''),
      problems,
    );
    await this.checkSnapshots(live.snapshots, problems);
    await this.checkPools(live.pools, problems, unsure);
    await this.checkInfo(problems);
    return problems;
  }

  /** Takes over what became of operations whose outcome nobody knows. */
  private async readVolumes(problems: string[], unsure: ReadonlySet<string>): Promise<Known[]> {
    const reply = await call<GetVolumesReply>((cb) => this.cluster.volumes.getVolumes({ ignoreNotfound: false }, cb));
    const found = new Map(value(reply, 'volumes').entries.map((v) => [v.definition?.spec?.uuid ?? '', v] as const));
    for (const uuid of unsure) {
      const spec = found.get(uuid)?.definition?.spec;
      const known = this.volumes.get(uuid);
      if (this.isPool(uuid)) continue;
      if (spec === undefined) {
        for (const snapshot of known?.snapshots ?? []) this.orphans.add(snapshot);
        this.volumes.delete(uuid);
      } else
        this.volumes.set(uuid, {
          uuid,
          sizeMib: Number(spec.size) / MIB,
          replicas: spec.numReplicas,
          published: spec.target !== undefined,
          snapshots: known?.snapshots ?? new Set(),
        });
    }
    for (const uuid of found.keys()) if (!this.volumes.has(uuid)) problems.push(`volume ${uuid} was never asked for`);
    for (const known of this.volumes.values()) {
      const { definition, state } = found.get(known.uuid) ?? {};
      const { spec, metadata } = definition ?? {};
      const seen = spec && [Number(spec.size) / MIB, spec.numReplicas, spec.target !== undefined, metadata?.specStatus];
      const wanted = [known.sizeMib, known.replicas, known.published, SpecStatus.Created];
      if (seen?.join() !== wanted.join())
        problems.push(`volume ${known.uuid} is ${seen?.join()}, wanted ${wanted.join()}`);
      // agent-core's own view: the next round's operations are judged by it.
      if (state?.status !== NexusStatus.Online) problems.push(`volume ${known.uuid} has status ${state?.status}`);
    }
    return [...this.volumes.values()];
  }

  private async readEngines() {
    const clients = [...this.cluster.engines.values()];
    const replicas = (await Promise.all(clients.map((c) => c.listReplicas()))).flatMap((r) => r.replicas);
    const nexuses = (await Promise.all(clients.map((c) => c.listNexuses()))).flatMap((r) => r.nexusList);
    const snapshots = (await Promise.all(clients.map((c) => c.listSnapshots()))).flatMap((r) => r.snapshots);
    const pools = (await Promise.all(clients.map((c) => c.listPools()))).flatMap((r) => r.pools);
    return {
      replicas: replicas.filter((replica) => !replica.isSnapshot).map((replica) => replica.uuid),
      nexuses,
      snapshots: snapshots.map((snapshot) => snapshot.snapshotUuid),
      pools: pools.map((pool) => pool.name),
    };
  }

  private async checkSnapshots(live: string[], problems: string[]): Promise<void> {
    const reply = await call<GetSnapshotsReply>((cb) =>
      this.cluster.volumes.getSnapshots({ ignoreNotfound: false }, cb),
    );
    const { snapshots } = value(reply, 'response');
    const wanted = [...this.volumes.values()].flatMap((known) => [...known.snapshots]);
    compare(
      'snapshots',
      snapshots.map((s) => s.spec?.snapshotId ?? ''),
      [...wanted, ...this.orphans],
      problems,
    );
    const parts = snapshots.flatMap((s) =>
      Object.values(s.meta?.transactions ?? {}).flatMap((t) => t.snapshots.map((r) => r.uuid)),
    );
    compare('replica snapshots', live, parts, problems);
  }

  private async checkPools(live: string[], problems: string[], unsure: ReadonlySet<string>): Promise<void> {
    const reply = await call<GetPoolsReply>((cb) => this.cluster.pools.getPools({}, cb));
    const pools = value(reply, 'pools').pools;
    const named = pools.map((pool) => pool.definition?.spec?.poolId ?? '');
    for (const id of unsure) {
      if (!this.isPool(id)) continue;
      if (named.includes(id)) this.pools.set(id, id.split('/')[1] ?? '');
      else this.pools.delete(id);
    }
    for (const pool of pools)
      if (pool.definition?.metadata?.specStatus !== SpecStatus.Created) problems.push('a pool is half done');
    compare('pools', named, [...this.pools.keys()], problems);
    compare('pools of the nodes', live, [...this.pools.keys()], problems);
  }

  /** What targets kept: for each volume at most one, and none of a volume that is gone. */
  private async checkInfo(problems: string[]): Promise<void> {
    const owners = (await this.cluster.infoKeys()).map(([key]) => key.split('/')[1] ?? '');
    for (const owner of owners) {
      if (!this.volumes.has(owner)) problems.push(`state of targets of ${owner}, which is gone`);
      if (owners.indexOf(owner) !== owners.lastIndexOf(owner)) problems.push(`${owner} has the state of two targets`);
    }
  }

  /** Snapshots outlive their volumes. */
  private readonly orphans = new Set<string>();

  private isPool(id: string): boolean {
    return id.startsWith('extra/');
  }

  /** What only one operation at a time can have: the volume, or the node's disk for pools of any name. */
  private place(on: string): string {
    return this.isPool(on) ? on.slice(0, on.lastIndexOf('/')) : on;
  }

  private any(): Operation {
    const { random } = this;
    const known = [...this.volumes.values()][random(Math.max(1, this.volumes.size))];
    const dice = random(12);
    if (known === undefined || (dice < 3 && this.volumes.size < 8)) return this.create();
    if (dice === 3) return this.pool();
    if (dice === 4) return this.destroy(known);
    if (dice === 5) return this.resize(known);
    if (dice < 8) return this.snapshot(known);
    if (!known.published) return this.publish(known);
    if (dice === 8) return this.unpublish(known);
    if (dice === 9) return this.republish(known);
    return this.count(known);
  }

  private create(): Operation {
    const uuid = randomUUID();
    const known: Known = { uuid, sizeMib: 8, replicas: 1 + this.random(3), published: false, snapshots: new Set() };
    return {
      name: 'create',
      on: uuid,
      run: () => this.cluster.createVolume(uuid, known.replicas, known.sizeMib),
      already: Kind.AlreadyExists,
      apply: () => this.volumes.set(uuid, known),
    };
  }

  private destroy(known: Known): Operation {
    return {
      name: 'destroy',
      on: known.uuid,
      run: () => this.cluster.ask((cb) => this.cluster.volumes.destroyVolume({ uuid: known.uuid }, cb)),
      already: Kind.NotFound,
      apply: () => {
        for (const snapshot of known.snapshots) this.orphans.add(snapshot);
        this.volumes.delete(known.uuid);
      },
    };
  }

  private resize(known: Known): Operation {
    const sizeMib = known.sizeMib + 4;
    const request = { uuid: known.uuid, requestedSize: BigInt(sizeMib * MIB) };
    return {
      name: 'resize',
      on: known.uuid,
      run: () => this.cluster.ask((cb) => this.cluster.volumes.resizeVolume(request, cb)),
      already: Kind.NotAcceptable,
      apply: () => {
        known.sizeMib = sizeMib;
      },
    };
  }

  private publish(known: Known): Operation {
    return {
      name: 'publish',
      on: known.uuid,
      run: () => this.cluster.publish(known.uuid),
      already: Kind.AlreadyPublished,
      apply: () => {
        known.published = true;
      },
    };
  }

  private unpublish(known: Known): Operation {
    const request = { uuid: known.uuid, force: false, frontendNodes: [] };
    return {
      name: 'unpublish',
      on: known.uuid,
      run: () => this.cluster.ask((cb) => this.cluster.volumes.unpublishVolume(request, cb)),
      already: Kind.NotPublished,
      apply: () => {
        known.published = false;
      },
    };
  }

  private republish(known: Known): Operation {
    const request = {
      uuid: known.uuid,
      share: 0,
      reuseExisting: false,
      frontendNode: '',
      reuseExistingFallback: false,
    };
    return {
      name: 'republish',
      on: known.uuid,
      run: () => this.cluster.ask((cb) => this.cluster.volumes.republishVolume(request, cb)),
      // Never refused as done already: it moves the target once more.
      already: Kind.Unauthenticated,
      apply: () => undefined,
    };
  }

  private count(known: Known): Operation {
    const up = known.replicas === 1 || (known.replicas === 2 && this.random(2) === 0);
    const replicas = known.replicas + (up ? 1 : -1);
    return {
      name: up ? 'count up' : 'count down',
      on: known.uuid,
      run: () => this.cluster.ask((cb) => this.cluster.volumes.setVolumeReplica({ uuid: known.uuid, replicas }, cb)),
      already: Kind.ReplicaCountAchieved,
      apply: () => {
        known.replicas = replicas;
      },
    };
  }

  private snapshot(known: Known): Operation {
    const [old] = known.snapshots;
    const snapshotId = old ?? randomUUID();
    const destroy: Operation = {
      name: 'destroy snapshot',
      on: known.uuid,
      run: () =>
        this.cluster.ask((cb) => this.cluster.volumes.destroySnapshot({ snapshotId, volumeId: known.uuid }, cb)),
      already: Kind.NotFound,
      apply: () => known.snapshots.delete(snapshotId),
    };
    if (old !== undefined) return { ...destroy, giveUp: destroy };
    return {
      name: 'snapshot',
      on: known.uuid,
      run: () =>
        this.cluster.ask((cb) => this.cluster.volumes.createSnapshot({ volumeId: known.uuid, snapshotId }, cb)),
      already: Kind.AlreadyExists,
      apply: () => known.snapshots.add(snapshotId),
      // One that was not finished stays in creation until somebody repeats or deletes it.
      giveUp: destroy,
    };
  }

  /** Pools on the second disks. */
  private pool(): Operation {
    const nodes = [...this.cluster.engines.keys()];
    const node = nodes[this.random(nodes.length)] ?? '';
    const taken = [...this.pools].find(([id, at]) => this.isPool(id) && at === node)?.[0];
    if (taken !== undefined)
      return {
        name: 'destroy pool',
        on: taken,
        run: () => this.cluster.ask((cb) => this.cluster.pools.destroyPool({ nodeId: node, poolId: taken }, cb)),
        already: Kind.NotFound,
        mayRefuse: Kind.InUse,
        apply: () => this.pools.delete(taken),
      };
    const id = `extra/${node}/${this.poolCount++}`;
    return {
      name: 'create pool',
      on: id,
      run: () => this.cluster.createPool(node, id, 1),
      already: Kind.AlreadyExists,
      apply: () => this.pools.set(id, node),
    };
  }
}

function compare(what: string, found: readonly string[], wanted: readonly string[], problems: string[]): void {
  const [a, b] = [[...found].sort().join(), [...wanted].sort().join()];
  if (a !== b) problems.push(`${what}: ${a || 'none'}, wanted ${b || 'none'}`);
}
