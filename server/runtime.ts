import type { AuditLog } from './audit/audit';
import type { Auth } from './auth/auth';
import type { Authorizer } from './auth/authorizer';
import type { Collector } from './collector/collector';
import type { Traffic } from './limits/traffic';
import type { LiveHub } from './live/hub';
import type { Operations } from './operations/operations';
import type { AgentCoreClient } from './upstream/agent-core';

/** One configured cluster with everything that lives for it. */
export interface Cluster {
  readonly id: string;
  readonly name: string;
  readonly collector: Collector;
  readonly agentCore: AgentCoreClient;
  readonly operations: Operations;
  readonly hub: LiveHub;
  /** Decides what people may do here; undefined: their roles do. */
  readonly authorizer?: Authorizer | undefined;
}

/** The one runtime object of the process. */
export interface Runtime {
  readonly version: string;
  /** New with every start of the process: part of entity tags, because revisions begin again at 0. */
  readonly instance: string;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly auth: Auth;
  readonly audit: AuditLog;
  readonly traffic: Traffic;
  /** The process has been told to end: it begins nothing any more. */
  readonly isDraining: boolean;
}

// Next bundles its own copy of every module, so a module variable would exist twice; globalThis exists once.
const KEY = Symbol.for('mayastor-console.runtime');

/** Puts the runtime where both copies of this module find it. Called once, by the server's entry. */
export function setRuntime(value: Runtime | undefined): void {
  (globalThis as Record<symbol, unknown>)[KEY] = value; // globalThis has no type for our key
}

/** The runtime; throws when the server was not started through server/main.ts. */
export function runtime(): Runtime {
  const value = (globalThis as Record<symbol, unknown>)[KEY]; // as above
  if (!value) throw new Error('The console must be started through its own server (npm run demo, npm start).');
  return value as Runtime; // only setRuntime writes this key
}
