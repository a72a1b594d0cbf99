import type { EmbeddedCluster } from '@/embedded/cluster/embedded-cluster';

/** What a fault is done to: a node by name, a disk as `node/index`, a copy of a volume by its replica's UUID. */
export type FaultScope = 'agent-core' | 'node' | 'disk' | 'replica';

/** How strong a fault is, where that can be chosen. Whole numbers. */
export interface FaultAmount {
  readonly label: string;
  readonly unit: string;
  readonly usual: number;
  readonly least: number;
  readonly most: number;
}

/** Where a fault is on now. */
export interface FaultPlace {
  readonly target: string;
  readonly amount?: number;
}

/** One thing that can be broken: the page, the control API and the help are made of these. */
export interface Fault {
  /** As it stands in paths. */
  readonly id: string;
  readonly scope: FaultScope;
  /** Imperative, as on a button. */
  readonly title: string;
  /** What then is to be seen, in a sentence or two. */
  readonly effect: string;
  readonly amount?: FaultAmount;
  /** Throws UnknownThing for a target that is not there, NotNow when it cannot be broken as things are. */
  begin(cluster: EmbeddedCluster, target: string, amount: number): void | Promise<void>;
  /** Missing: it is over at once. */
  readonly lasting?: {
    /** What its target is then, as a predicate. */
    readonly is: string;
    /** Imperative: what ends it. */
    readonly end: string;
    finish(cluster: EmbeddedCluster, target: string): void | Promise<void>;
    /** Where it is on now, as the cluster itself says. */
    places(cluster: EmbeddedCluster): readonly FaultPlace[];
  };
}

/** The one target of faults of agent-core. */
export const AGENT_CORE = 'agent-core';
