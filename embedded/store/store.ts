/**
 * The cluster's key-value store: what etcd is to Mayastor. agent-core keeps specs in it; io-engines write the
 * NexusInfo of their nexuses, and agent-core reads it (behaviour facts, 1.1).
 */
export interface Store {
  get(key: string): Promise<string | undefined>;
  /** Resolves when the value is durable. */
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** All entries whose key starts with `prefix`, in key order. */
  list(prefix: string): Promise<Array<readonly [key: string, value: string]>>;
}

/** Below this are the NexusInfos of all targets. */
export const NEXUS_INFO_ROOT = 'volume/';

/** Key of the NexusInfo that an io-engine writes. */
export const nexusInfoKey = (volumeId: string, nexusId: string) =>
  `${NEXUS_INFO_ROOT}${volumeId}/nexus/${nexusId}/info`;

/**
 * What an io-engine knows of its nexus' children, kept so that a later nexus opens only healthy ones. The names are
 * those of the JSON in the store: Mayastor's agent-core reads what any io-engine wrote, so they are part of the protocol.
 */
export interface NexusInfo {
  clean_shutdown: boolean;
  children: Array<{ uuid: string; healthy: boolean }>;
}
