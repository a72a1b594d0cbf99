import { randomUUID } from 'node:crypto';
import type { Operation } from '@/contract/operation';
import type { Failure } from '../http/problem';
import type { Change } from './change';
import type { ClusterAccess } from './cluster-access';
import { commandOf } from './commands';
import { runSteps, type Step } from './steps';
import {
  createSnapshotSteps,
  createVolumeSteps,
  destroySnapshotSteps,
  destroySteps,
  publishSteps,
  replicaCountSteps,
  resizeSteps,
  unpublishSteps,
} from './volume-steps';

const KEPT = 200;
const MAX_RUNNING = 64;

export type Started = { ok: true; operation: Operation } | { ok: false; failure: Failure };

/**
 * Changes that may outlast their request, of one cluster: kept in memory, at most 200, oldest ended ones dropped first.
 * One at a time per volume; a repeated Idempotency-Key gets the first one's operation.
 */
export class Operations {
  private readonly byId = new Map<string, Operation>();
  private readonly byKey = new Map<string, { request: string; operation: string }>();
  private readonly listeners = new Set<() => void>();
  private readonly running = new Set<Promise<unknown>>();

  constructor(private readonly access: ClusterAccess) {}

  /** Newest first. */
  list(): Operation[] {
    return [...this.byId.values()].reverse();
  }

  get(id: string): Operation | undefined {
    return this.byId.get(id);
  }

  /** Calls `listener` with each change of an operation; the answer ends it. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** What a change is made of, without making it. */
  describe(change: Change): { title: string; steps: string[]; command: string } {
    return {
      title: titleOf(change),
      steps: this.stepsOf(change).map((s) => s.label),
      command: commandOf(change),
    };
  }

  /** The operation that a key started before; a failure when it was another request; undefined when the key is new. */
  repeated(key: string | undefined, request: unknown): Started | undefined {
    const before = key === undefined ? undefined : this.byKey.get(key);
    if (!before) return undefined;
    if (before.request !== JSON.stringify(request)) {
      return {
        ok: false,
        failure: {
          code: 'key_reused',
          detail: 'This Idempotency-Key was used for another request.',
          nextStep: 'Use a new key for a new request.',
        },
      };
    }
    const operation = this.byId.get(before.operation);
    return operation && { ok: true, operation };
  }

  /** Starts a change; it goes on when the caller has gone. `request` is what a repeat with the same key must equal. */
  start(change: Change, idempotency?: { key: string; request: unknown }): Started {
    const busy = change.volume && this.list().find((o) => o.volume === change.volume && o.state === 'running');
    if (busy) {
      return {
        ok: false,
        failure: {
          code: 'conflict',
          detail: `Another change of this volume is running: ${busy.title}.`,
          nextStep: 'Wait until it has ended.',
          operationId: busy.id,
        },
      };
    }
    if (this.running.size >= MAX_RUNNING)
      return {
        ok: false,
        failure: {
          code: 'busy',
          detail: `${MAX_RUNNING} changes are running already.`,
          nextStep: 'Wait until some have ended.',
        },
      };
    const steps = this.stepsOf(change);
    const operation: Operation = {
      id: randomUUID(),
      kind: change.kind,
      volume: change.volume,
      title: titleOf(change),
      state: 'running',
      steps: steps.map((s) => ({
        label: s.label,
        state: 'pending',
        startedAt: null,
        endedAt: null,
        detail: null,
        progress: null,
      })),
      startedAt: new Date(this.access.now()).toISOString(),
      endedAt: null,
      problem: null,
      command: commandOf(change),
    };
    if (idempotency)
      this.byKey.set(idempotency.key, { request: JSON.stringify(idempotency.request), operation: operation.id });
    this.show(operation);
    const run: Promise<unknown> = runSteps(operation, steps, this.access.now, (o) => this.show(o)).finally(() =>
      this.running.delete(run),
    );
    this.running.add(run);
    return { ok: true, operation };
  }

  /** Ends when nothing runs any more; the access' signal makes running ones stop watching. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.running]);
  }

  private stepsOf(change: Change): Step[] {
    switch (change.kind) {
      case 'create-volume':
        return createVolumeSteps(this.access, change.volume, change.wanted, change.isDerived);
      case 'destroy-volume':
        return destroySteps(this.access, change.volume);
      case 'publish-volume':
        return publishSteps(this.access, change.volume, change.node);
      case 'unpublish-volume':
        return unpublishSteps(this.access, change.volume, change.force);
      case 'set-replica-count':
        return replicaCountSteps(this.access, change.volume, change);
      case 'resize-volume':
        return resizeSteps(this.access, change.volume, change.sizeBytes);
      case 'create-snapshot':
        return createSnapshotSteps(this.access, change.volume, change.snapshot, change.isDerived);
      case 'destroy-snapshot':
        return destroySnapshotSteps(this.access, change.snapshot);
    }
  }

  private show(operation: Operation): void {
    this.byId.set(operation.id, operation);
    for (const [id, old] of this.byId) {
      if (this.byId.size <= KEPT) break;
      if (old.state === 'running') continue;
      this.byId.delete(id);
      for (const [key, entry] of this.byKey) if (entry.operation === id) this.byKey.delete(key);
    }
    for (const listener of this.listeners) listener();
  }
}

function titleOf(change: Change): string {
  switch (change.kind) {
    case 'create-volume':
      return `Create volume ${change.name}`;
    case 'destroy-volume':
      return `Delete volume ${change.name}`;
    case 'publish-volume':
      return `Publish volume ${change.name}`;
    case 'unpublish-volume':
      return `Unpublish volume ${change.name}`;
    case 'set-replica-count':
      return `Volume ${change.name}: from ${change.from} to ${change.to} ${change.to === 1 ? 'copy' : 'copies'}`;
    case 'resize-volume':
      return `Grow volume ${change.name}`;
    case 'create-snapshot':
      return `Take a snapshot of ${change.name}`;
    case 'destroy-snapshot':
      return `Delete a snapshot of ${change.name}`;
  }
}
