import {
  type ChannelOptions,
  Client,
  credentials,
  Metadata,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';

/** Calls unary methods of one server, over a socket or within the process: whoever calls cannot tell which. */
export interface UnaryClient {
  /** Rejects with a ServiceError, at the latest when the deadline is over. */
  call<Q, R>(method: MethodDefinition<Q, R>, request: Q, deadlineMs: number): Promise<R>;
  /** Only within the process: see LocalServer. Undefined: not known, so everything has to be asked for. */
  revision(): number | undefined;
  close(): void;
}

/** gRPC over a connection of its own, so that closing it leaves none behind in a shared pool. */
export class SocketClient implements UnaryClient {
  readonly #client: Client;

  constructor(address: string, options: ChannelOptions) {
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      ...options,
    });
  }

  call<Q, R>(method: MethodDefinition<Q, R>, request: Q, deadlineMs: number): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        new Metadata(),
        { deadline: Date.now() + deadlineMs },
        (error: ServiceError | null, response?: R) => {
          if (error !== null) reject(error);
          else if (response === undefined) reject(new Error(`${method.path} answered nothing`));
          else resolve(response);
        },
      );
    });
  }

  revision(): undefined {
    return undefined;
  }

  close(): void {
    this.#client.close();
  }
}
