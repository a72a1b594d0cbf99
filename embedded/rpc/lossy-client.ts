import { setTimeout as delay } from 'node:timers/promises';
import { Metadata, type MethodDefinition, status } from '@grpc/grpc-js';
import type { UnaryClient } from './unary-client';

/** A client whose requests and answers are lost while `isCut`: whoever calls then waits to the end of the deadline. */
export class LossyClient implements UnaryClient {
  constructor(
    private readonly inner: UnaryClient,
    private readonly isCut: () => boolean,
  ) {}

  async call<Q, R>(method: MethodDefinition<Q, R>, request: Q, deadlineMs: number): Promise<R> {
    const end = performance.now() + deadlineMs;
    if (!this.isCut()) {
      const outcome = await this.inner.call(method, request, deadlineMs).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      if (!this.isCut()) {
        if ('error' in outcome) throw outcome.error;
        return outcome.value;
      }
    }
    await delay(Math.max(0, end - performance.now()), undefined, { ref: false });
    const details = 'Deadline exceeded';
    throw Object.assign(new Error(details), { code: status.DEADLINE_EXCEEDED, details, metadata: new Metadata() });
  }

  revision(): number | undefined {
    return this.isCut() ? undefined : this.inner.revision();
  }

  close(): void {
    this.inner.close();
  }
}
