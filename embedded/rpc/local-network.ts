import {
  type MethodDefinition,
  type ServiceDefinition,
  type ServiceError,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { failure, type Handler, LocalCall } from './local-call';
import type { UnaryClient } from './unary-client';

/** A gRPC service and who serves it, as `Server.addService` takes them. */
export type Service = readonly [definition: ServiceDefinition, implementation: UntypedServiceImplementation];

/**
 * The gRPC servers of one process by address, for clients in the same process. A call is encoded and decoded as on a
 * socket, so that nobody shares an object with anybody, takes a turn of the event loop, has its deadline, and ends with
 * the status that a socket would give. What is saved is HTTP/2, which costs ten times as much as most of our calls do.
 */
export class LocalNetwork {
  readonly #servers = new Map<string, LocalServer>();
  readonly #calls = new Map<string, number>();

  /** How often a method was called, by its name without the service: tests count work by it. */
  calls(method: string): number {
    return this.#calls.get(method) ?? 0;
  }

  /** Serves at `address` until the server is closed. `revision`: see LocalServer. */
  serve(address: string, services: readonly Service[], revision?: () => number | undefined): LocalServer {
    const server: LocalServer = new LocalServer(services, revision, () => {
      if (this.#servers.get(address) === server) this.#servers.delete(address);
    });
    this.#servers.set(address, server);
    return server;
  }

  /** Whether somebody in this process serves at `address` now. */
  has(address: string): boolean {
    return this.#servers.has(address);
  }

  /** A client of whoever serves at `address` when it calls; UNAVAILABLE while nobody does. */
  dial(address: string): UnaryClient {
    let isClosed = false;
    const server = () => (isClosed ? undefined : this.#servers.get(address));
    return {
      call: <Q, R>(method: MethodDefinition<Q, R>, request: Q, deadlineMs: number) => {
        const name = method.path.slice(method.path.lastIndexOf('/') + 1);
        this.#calls.set(name, this.calls(name) + 1);
        return new Promise<R>((resolve, reject) => {
          const call = new LocalCall(method, resolve, reject);
          call.start(method.requestSerialize(request), deadlineMs, address, server);
        });
      },
      revision: () => server()?.revision(),
      close: () => {
        isClosed = true;
      },
    };
  }
}

/** One server of the network. */
export class LocalServer {
  readonly #handlers = new Map<string, Handler>();
  readonly #underWay = new Set<(error: ServiceError) => void>();

  constructor(
    services: readonly Service[],
    /**
     * A number that stays the same as long as all that the server lists stays the same, and undefined while it may not
     * be relied on: then, and when it is another, clients have to list anew.
     */
    readonly revision: () => number | undefined = () => undefined,
    private readonly gone: () => void,
  ) {
    for (const [definition, implementation] of services)
      for (const [name, { path }] of Object.entries(definition)) {
        // Generated services have a handler for each of their methods, and no streams.
        const handler = implementation[name] as Handler | undefined;
        if (handler !== undefined) this.#handlers.set(path, handler);
      }
  }

  handler(path: string): Handler | undefined {
    return this.#handlers.get(path);
  }

  /** Tells a call when the server goes; answers how to leave again. */
  onGone(fail: (error: ServiceError) => void): () => void {
    this.#underWay.add(fail);
    return () => this.#underWay.delete(fail);
  }

  /** As a process that ends: calls under way fail, later ones find nobody. */
  close(): void {
    this.gone();
    for (const fail of [...this.#underWay]) fail(failure(status.UNAVAILABLE, 'Connection dropped'));
    this.#underWay.clear();
  }
}
