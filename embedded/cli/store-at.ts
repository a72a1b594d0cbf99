import { status } from '@grpc/grpc-js';
import { EtcdStore } from '@/embedded/store/etcd-store';
import type { Store } from '@/embedded/store/store';

export interface ClosableStore extends Store {
  close(): void;
}

/**
 * Where an io-engine keeps what its targets know: the etcd that was named, else our agent-core. An agent-core of
 * somebody else keeps no keys; then nothing is kept, as with Mayastor's io-engine without a store, and `tell` says so.
 */
export function storeAt(named: string | undefined, agentCore: string, tell: (line: string) => void): ClosableStore {
  const etcd = new EtcdStore(named ?? agentCore);
  if (named !== undefined) return etcd;
  let isTold = false;
  const unless = async <T>(run: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await run;
    } catch (error) {
      // The errors of the store are gRPC's.
      if ((error as { code?: number }).code !== status.UNIMPLEMENTED) throw error;
      if (!isTold)
        tell(`${agentCore} keeps no keys: the state of targets is lost with them; name its etcd with --store`);
      isTold = true;
      return otherwise;
    }
  };
  return {
    get: (key) => unless(etcd.get(key), undefined),
    put: (key, value) => unless(etcd.put(key, value), undefined),
    delete: (key) => unless(etcd.delete(key), undefined),
    list: (prefix) => unless(etcd.list(prefix), []),
    close: () => etcd.close(),
  };
}
