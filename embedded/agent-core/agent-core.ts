import { setTimeout as delay } from 'node:timers/promises';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { laterRelease } from '@/embedded/rpc/later-release';
import type { LocalServer, Service } from '@/embedded/rpc/local-network';
import { GatedStore } from '@/embedded/store/gated-store';
import { KVService } from '@/gen/etcdserverpb/kv';
import { RegistrationService } from '@/gen/mayastor/v1/registration';
import { NexusGrpcService } from '@/gen/v1/nexus/nexus';
import { AppNodeGrpcService } from '@/gen/v1/node/app_node';
import { NodeGrpcService } from '@/gen/v1/node/target_node';
import { PoolGrpcService } from '@/gen/v1/pool/pool';
import { RegistrationService as AppRegistrationService } from '@/gen/v1/registration/app_node_registration';
import { RegistryGrpcService } from '@/gen/v1/registry/registry';
import { ReplicaGrpcService } from '@/gen/v1/replica/replica';
import { VolumeGrpcService } from '@/gen/v1/volume/volume';
import { type Core, makeCore } from './core';
import { isFailedPersist } from './errors';
import { NodeWatch } from './node-watch';
import { sweepNexusInfo } from './operations/nexuses';
import type { AgentCoreOptions } from './options';
import { Reconciler } from './reconcilers/reconciler';
import { reconcileSteps } from './reconcilers/steps';
import { kvService } from './services/kv-service';
import { nexusService } from './services/nexus-service';
import { nodeService } from './services/node-service';
import { poolService } from './services/pool-service';
import { appNodeService, appRegistrationService, registrationService } from './services/registration-service';
import { registryService } from './services/registry-service';
import { replicaService } from './services/replica-service';
import { volumeService } from './services/volume-service';

export type { AgentCoreOptions } from './options';

interface Running {
  readonly core: Core;
  readonly server: Server;
  readonly local: LocalServer | undefined;
  readonly watch: NodeWatch;
  readonly reconciler: Reconciler;
  readonly address: string;
}

/**
 * The embedded cluster's control plane: owns the specs, decides, and repairs, over io-engines that register with it.
 * One instance lives once: after stop() or kill() a new one on the same store goes on.
 */
export class AgentCore {
  #running: Running | undefined;
  /** Ends a start that is under way. */
  readonly #ended = new AbortController();

  constructor(private readonly options: AgentCoreOptions) {}

  /** host:port that it serves; throws when it does not run. */
  get address(): string {
    if (this.#running === undefined) throw new Error('agent-core is not running');
    return this.#running.address;
  }

  /** Reconcile passes begun since this start: who waits until nothing more happens counts them. */
  get passes(): number {
    return this.#running?.reconciler.passes ?? 0;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Resolves when it serves, or was killed before; a store that does not answer is waited for. */
  async start(): Promise<void> {
    if (this.#running !== undefined) throw new Error('agent-core runs already');
    const reconciler = new Reconciler(this.options.timings, reconcileSteps());
    const core = makeCore(this.options, new GatedStore(this.options.store), {
      wake: () => reconciler.wake(),
      statusChanged: () => reconciler.wake(),
    });
    await this.#load(core);
    if (this.#ended.signal.aborted) return;
    core.registry.load();
    const services = laterRelease(servicesOf(core), this.options.isNewer ?? (() => false));
    const server = serve(services);
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(
        `${this.options.host}:${this.options.port}`,
        ServerCredentials.createInsecure(),
        (error, bound) => (error === null ? resolve(bound) : reject(error)),
      );
    });
    if (this.#ended.signal.aborted) return server.forceShutdown();
    const watch = new NodeWatch(core);
    const address = `${this.options.host}:${port}`;
    const local = this.options.network?.serve(address, services);
    this.#running = { core, server, local, watch, reconciler, address };
    watch.start();
    reconciler.start(core);
  }

  /** Finishes the pass under way, then goes. */
  async stop(): Promise<void> {
    this.#ended.abort();
    const running = this.#take();
    if (running === undefined) return;
    running.watch.stop();
    await running.reconciler.stop();
    running.local?.close();
    running.server.forceShutdown();
    running.core.registry.close();
  }

  /** As kill -9: whatever is under way stops where it stands and leaves nothing behind in the store. */
  async kill(): Promise<void> {
    this.#ended.abort();
    const running = this.#take();
    if (running === undefined) return;
    running.core.store.cut();
    running.core.registry.cut();
    running.watch.stop();
    running.reconciler.abandon();
    running.local?.close();
    running.server.forceShutdown();
  }

  async #load(core: Core): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        await core.specs.load();
        await sweepNexusInfo(core);
        return;
      } catch (error) {
        if (!isFailedPersist(error)) throw error;
        await delay(this.options.timings.guardRetryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #take(): Running | undefined {
    const running = this.#running;
    this.#running = undefined;
    return running;
  }
}

function servicesOf(core: Core): Service[] {
  return [
    [RegistrationService, { ...registrationService(core) }],
    [AppRegistrationService, { ...appRegistrationService(core) }],
    [AppNodeGrpcService, { ...appNodeService(core) }],
    [NodeGrpcService, { ...nodeService(core) }],
    [PoolGrpcService, { ...poolService(core) }],
    [ReplicaGrpcService, { ...replicaService(core) }],
    [NexusGrpcService, { ...nexusService(core) }],
    [VolumeGrpcService, { ...volumeService(core) }],
    [RegistryGrpcService, { ...registryService(core) }],
    [KVService, { ...kvService(core.store) }],
  ];
}

function serve(services: readonly Service[]): Server {
  const server = new Server({
    'grpc.max_receive_message_length': 64 << 20,
    // Two servers on one port would share its connections; a second one has to fail instead.
    'grpc.so_reuseport': 0,
  });
  for (const [definition, implementation] of services) server.addService(definition, implementation);
  return server;
}
