import { setTimeout as delay } from 'node:timers/promises';
import { credentials, Metadata } from '@grpc/grpc-js';
import type { RegisterRequest } from '@/gen/mayastor/v1/common';
import { RegistrationClient } from '@/gen/mayastor/v1/registration';
import type { HangGate } from './hang-gate';

/**
 * The heart-beat: registers at agent-core at each interval, whether or not the last beat got through, and deregisters on
 * a clean stop.
 */
export class Registration {
  private client: RegistrationClient | undefined;
  private readonly ended = new AbortController();
  private beating: Promise<void> | undefined;
  private isRegistered: boolean | undefined;

  constructor(
    private readonly agentCore: string,
    private readonly intervalMs: number,
    private readonly gate: HangGate,
    private readonly request: () => RegisterRequest,
    /** Called when beats begin to get through, and with the error when they no longer do. */
    private readonly changed: (error: Error | undefined) => void = () => undefined,
  ) {}

  start(): void {
    // An agent-core that comes back is found within a beat, not after gRPC's default back-off of minutes.
    this.client = new RegistrationClient(this.agentCore, credentials.createInsecure(), {
      'grpc.initial_reconnect_backoff_ms': Math.min(100, this.intervalMs),
      'grpc.max_reconnect_backoff_ms': Math.min(1000, Math.max(50, this.intervalMs)),
      'grpc.use_local_subchannel_pool': 1,
    });
    this.beating = this.beat();
  }

  /** Says goodbye, unless agent-core is away. */
  async stop(): Promise<void> {
    this.ended.abort();
    await this.beating;
    await new Promise<void>((resolve) => {
      if (!this.client) resolve();
      else
        this.client.deregister({ id: this.request().id }, new Metadata(), { deadline: Date.now() + 1000 }, () =>
          resolve(),
        );
    });
    this.client?.close();
  }

  /** Falls silent. */
  kill(): void {
    this.ended.abort();
    this.client?.close();
  }

  private async beat(): Promise<void> {
    while (!this.ended.signal.aborted) {
      if (!this.gate.isHung) await this.register();
      await delay(this.intervalMs, undefined, { signal: this.ended.signal }).catch(() => undefined);
    }
  }

  private register(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.ended.signal.removeEventListener('abort', done);
        resolve();
      };
      this.ended.signal.addEventListener('abort', done);
      const deadline = Date.now() + Math.max(1000, this.intervalMs);
      this.client?.register(this.request(), new Metadata(), { deadline }, (error) => {
        const isRegistered = error === null;
        if (isRegistered !== this.isRegistered && !this.ended.signal.aborted) this.changed(error ?? undefined);
        this.isRegistered = isRegistered;
        done();
      });
    });
  }
}
