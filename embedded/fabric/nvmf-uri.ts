export interface NvmfUri {
  readonly address: string;
  readonly nqn: string;
}

/** Splits `nvmf://host:port/nqn?params`, `nvmf+tcp://` and `nvmf+rdma+tcp://` too; undefined when it is none of them. */
export function parseNvmfUri(uri: string): NvmfUri | undefined {
  const match = /^nvmf(?:\+rdma)?(?:\+tcp)?:\/\/([^/?]+)\/([^?]+)/.exec(uri);
  const [, authority, nqn] = match ?? [];
  if (authority === undefined || nqn === undefined) return undefined;
  // 4420 is the port of NVMe-oF when a URI has none (behaviour facts, 1.3).
  const address = /:\d+$/.test(authority) ? authority : `${authority}:4420`;
  return { address, nqn };
}

export const NQN_PREFIX = 'nqn.2019-05.io.openebs:';

/** What the host NQNs of io-engines begin with. */
export const NODE_NQN_PREFIX = `${NQN_PREFIX}node-name:`;

/** Host NQN of an io-engine (behaviour facts, 1.3). */
export const nodeHostNqn = (nodeName: string) => `${NODE_NQN_PREFIX}${nodeName}`;
