import { setTimeout as delay } from 'node:timers/promises';
import { SocketClient, type UnaryClient } from '@/embedded/rpc/unary-client';
import type { RegisterRequest } from '@/gen/mayastor/v1/common';
import { RegistrationService } from '@/gen/mayastor/v1/registration';
import type { HangGate } from './hang-gate';

/** A client over a socket that finds an agent-core that comes back within a beat, not after gRPC's back-off of minutes. */
export const registrationClient = (agentCore: string, intervalMs: number): UnaryClient =>
  new SocketClient(agentCore, {
    'grpc.initial_reconnect_backoff_ms': Math.min(100, intervalMs),
    'grpc.max_reconnect_backoff_ms': Math.min(1000, Math.max(50, intervalMs)),
  });

/**
 * The heart-beat: registers at agent-core at each interval, whether or not the last beat got through, and deregisters on
 * a clean stop.
 */
export class Registration {
  private client: UnaryClient | undefined;
  private readonly ended = new AbortController();
  private beating: Promise<void> | undefined;
  private isRegistered: boolean | undefined;

  constructor(
    private readonly connect: () => UnaryClient,
    private readonly intervalMs: number,
    private readonly gate: HangGate,
    /** What is sent; undefined while nothing gets through to agent-core. */
    private readonly request: () => RegisterRequest | undefined,
    /** Called when beats begin to get through, and with the error when they no longer do. */
    private readonly changed: (error: Error | undefined) => void = () => undefined,
  ) {}

  start(): void {
    this.client = this.connect();
    this.beating = this.beat();
  }

  /** Says goodbye, unless agent-core is away. */
  async stop(): Promise<void> {
    this.ended.abort();
    await this.beating;
    const id = this.request()?.id;
    if (id !== undefined) await this.client?.call(RegistrationService.deregister, { id }, 1000).catch(() => undefined);
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
    const request = this.request();
    if (request === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.ended.signal.removeEventListener('abort', done);
        resolve();
      };
      this.ended.signal.addEventListener('abort', done);
      const answered = (error: Error | undefined) => {
        const isRegistered = error === undefined;
        if (isRegistered !== this.isRegistered && !this.ended.signal.aborted) this.changed(error);
        this.isRegistered = isRegistered;
        done();
      };
      this.client?.call(RegistrationService.register, request, Math.max(1000, this.intervalMs)).then(
        () => answered(undefined),
        (error: Error) => answered(error),
      );
    });
  }
}
