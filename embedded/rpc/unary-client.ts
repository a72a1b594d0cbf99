import {
  type ChannelOptions,
  Client,
  credentials,
  Metadata,
  type MethodDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { afterProcessTime } from '../process-time';

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
      const call = this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        new Metadata(),
        // The deadline of gRPC's own would count the time in which this process stands still.
        {},
        (error: ServiceError | null, response?: R) => {
          calledOff();
          if (error !== null) reject(error);
          else if (response === undefined) reject(new Error(`${method.path} answered nothing`));
          else resolve(response);
        },
      );
      const calledOff = afterProcessTime(deadlineMs, () => {
        const details = `Deadline exceeded after ${(deadlineMs / 1000).toFixed(3)}s`;
        const code = status.DEADLINE_EXCEEDED;
        reject(Object.assign(new Error(`${code} DEADLINE_EXCEEDED: ${details}`), { code, details }));
        call.cancel();
      });
    });
  }

  revision(): undefined {
    return undefined;
  }

  close(): void {
    this.#client.close();
  }
}
