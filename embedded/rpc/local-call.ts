import {
  type handleUnaryCall,
  Metadata,
  type MethodDefinition,
  type ServerUnaryCall,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { afterProcessTime } from '@/embedded/process-time';

export type Handler = handleUnaryCall<unknown, unknown>;

/** The far side, as a call needs it. */
interface Callee {
  handler(path: string): Handler | undefined;
  /** Tells a call when the server goes; answers how to leave again. */
  onGone(fail: (error: ServiceError) => void): () => void;
}

export function failure(code: status, details: string): ServiceError {
  return Object.assign(new Error(`${code} ${status[code]}: ${details}`), { code, details, metadata: new Metadata() });
}

/** One call within the process: ends by its answer, its deadline, or the end of the server, whichever comes first. */
export class LocalCall<Q, R> {
  /** What a handler sees: the request, and whether the caller is still there. */
  private readonly seen = { request: undefined as unknown, cancelled: false };
  private isOver = false;
  private callOff = () => {};
  private leave = () => {};

  constructor(
    private readonly method: MethodDefinition<Q, R>,
    private readonly resolve: (response: R) => void,
    private readonly reject: (error: ServiceError) => void,
  ) {}

  /** Sends the request; who serves at the address is looked up when it arrives, in the next turn of the event loop. */
  start(sent: Buffer, deadlineMs: number, address: string, find: () => Callee | undefined): void {
    this.callOff = afterProcessTime(deadlineMs, () =>
      this.fail(status.DEADLINE_EXCEEDED, `Deadline exceeded after ${(deadlineMs / 1000).toFixed(3)}s`),
    );
    setImmediate(() => {
      if (this.isOver) return;
      const callee = find();
      if (callee) this.arrive(callee, sent);
      else this.fail(status.UNAVAILABLE, `No connection established to ${address}`);
    });
  }

  private arrive(callee: Callee, sent: Buffer): void {
    const { path } = this.method;
    const handler = callee.handler(path);
    if (!handler) {
      this.fail(status.UNIMPLEMENTED, `${path} is not served`);
      return;
    }
    this.leave = callee.onGone((error) => this.endWith(error));
    this.seen.request = this.method.requestDeserialize(sent);
    // The handlers of this process look at nothing else of a call.
    handler(this.seen as unknown as ServerUnaryCall<unknown, unknown>, (error, value) => {
      if (error) this.fail(error.code ?? status.UNKNOWN, error.details ?? '');
      else this.answer(value as R); // the handler is this method's own
    });
  }

  private answer(value: R): void {
    if (this.isOver) return;
    try {
      const response = this.method.responseDeserialize(this.method.responseSerialize(value));
      this.end();
      this.resolve(response);
    } catch (unsayable) {
      this.fail(status.INTERNAL, `Error serializing response: ${String(unsayable)}`);
    }
  }

  private fail(code: status, details: string): void {
    if (!this.isOver) this.endWith(failure(code, details));
  }

  private endWith(error: ServiceError): void {
    if (this.isOver) return;
    this.seen.cancelled = true;
    this.end();
    this.reject(error);
  }

  private end(): void {
    this.isOver = true;
    this.callOff();
    this.leave();
  }
}
