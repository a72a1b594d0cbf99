import {
  type handleUnaryCall,
  Metadata,
  type MethodDefinition,
  type ServerUnaryCall,
  type ServiceDefinition,
  type ServiceError,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { UnaryClient } from './unary-client';

/** A gRPC service and who serves it, as `Server.addService` takes them. */
export type Service = readonly [definition: ServiceDefinition, implementation: UntypedServiceImplementation];

type Handler = handleUnaryCall<unknown, unknown>;

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
      call: (method, request, deadlineMs) => {
        const name = method.path.slice(method.path.lastIndexOf('/') + 1);
        this.#calls.set(name, this.calls(name) + 1);
        return carry(address, server, method, request, deadlineMs);
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

/** A timer that fires this much late tells that the process stood still. */
const STANDSTILL_MS = 100;

function failure(code: status, details: string): ServiceError {
  return Object.assign(new Error(`${code} ${status[code]}: ${details}`), { code, details, metadata: new Metadata() });
}

function carry<Q, R>(
  address: string,
  find: () => LocalServer | undefined,
  method: MethodDefinition<Q, R>,
  request: Q,
  deadlineMs: number,
): Promise<R> {
  return new Promise((resolve, reject) => {
    const sent = method.requestSerialize(request);
    const call = { request: undefined as unknown, cancelled: false };
    let leave = () => {};
    let isOver = false;
    const end = () => {
      isOver = true;
      clearTimeout(timer);
      leave();
    };
    const fail = (error: ServiceError) => {
      if (isOver) return;
      call.cancelled = true;
      end();
      reject(error);
    };
    const expire = () => {
      const late = performance.now() - dueAt;
      // Time in which this process stood still passed for neither side.
      if (late > STANDSTILL_MS) return wait(late);
      fail(failure(status.DEADLINE_EXCEEDED, `Deadline exceeded after ${(deadlineMs / 1000).toFixed(3)}s`));
    };
    let dueAt = 0;
    let timer: NodeJS.Timeout | undefined;
    const wait = (ms: number) => {
      dueAt = performance.now() + ms;
      timer = setTimeout(expire, ms);
    };
    wait(deadlineMs);
    const arrive = () => {
      if (isOver) return;
      const server = find();
      if (server === undefined) return fail(failure(status.UNAVAILABLE, `No connection established to ${address}`));
      const handler = server.handler(method.path);
      if (handler === undefined) return fail(failure(status.UNIMPLEMENTED, `${method.path} is not served`));
      leave = server.onGone(fail);
      call.request = method.requestDeserialize(sent);
      // Handlers here use the request, and whether the caller is still there.
      handler(call as unknown as ServerUnaryCall<unknown, unknown>, (error, value) => {
        if (isOver) return;
        if (error !== null) return fail(failure(error.code ?? status.UNKNOWN, error.details ?? ''));
        try {
          const response = method.responseDeserialize(method.responseSerialize(value as R)); // its own handler's
          end();
          resolve(response);
        } catch (unsayable) {
          fail(failure(status.INTERNAL, `Error serializing response: ${String(unsayable)}`));
        }
      });
    };
    setImmediate(arrive);
  });
}
