import { type handleUnaryCall, status } from '@grpc/grpc-js';
import type { Store } from '@/embedded/store/store';
import type { KVServer } from '@/gen/etcdserverpb/kv';
import { SPEC_ROOT } from '../spec-table';

/**
 * The calls of etcd that io-engines need to keep what their targets know, on agent-core's own store: so that both halves
 * run without an etcd. Revisions and leases are not kept. The specs are not to be seen here.
 */
export function kvService(store: Store): KVServer {
  return {
    range: unary(async (request) => {
      const key = foreign(request.key);
      if (request.rangeEnd.length > 0) {
        const prefix = prefixOf(request.key, request.rangeEnd);
        const found = (await store.list(prefix)).filter(([name]) => !name.startsWith(SPEC_ROOT));
        const limit = request.limit > 0n ? Number(request.limit) : found.length;
        return { kvs: found.slice(0, limit).map(keyValue), more: found.length > limit, count: BigInt(found.length) };
      }
      const value = await store.get(key);
      const kvs = value === undefined ? [] : [keyValue([key, value])];
      return { kvs, more: false, count: BigInt(kvs.length) };
    }),
    put: unary(async (request) => {
      if (request.lease !== 0n) throw new Refused(status.UNIMPLEMENTED, 'keys with a lease are not kept here');
      await store.put(foreign(request.key), request.value.toString());
      return {};
    }),
    deleteRange: unary(async (request) => {
      if (request.rangeEnd.length > 0) throw new Refused(status.UNIMPLEMENTED, 'only one key at a time is deleted');
      const key = foreign(request.key);
      const existed = (await store.get(key)) !== undefined;
      await store.delete(key);
      return { deleted: existed ? 1n : 0n };
    }),
  };
}

class Refused extends Error {
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
  }
}

/** A key that is not one of agent-core's own. */
function foreign(bytes: Buffer): string {
  const key = bytes.toString();
  if (key === '') throw new Refused(status.INVALID_ARGUMENT, 'a key must not be empty');
  if (key.startsWith(SPEC_ROOT)) throw new Refused(status.PERMISSION_DENIED, 'the specs belong to agent-core');
  return key;
}

/** The prefix that a range stands for: its end is the prefix with the last byte one higher. */
function prefixOf(key: Buffer, end: Buffer): string {
  const last = key.length - 1;
  const isPrefix =
    end.length === key.length &&
    end.subarray(0, last).equals(key.subarray(0, last)) &&
    end.readUInt8(last) === key.readUInt8(last) + 1;
  if (!isPrefix) throw new Refused(status.UNIMPLEMENTED, 'only single keys and prefixes are read here');
  return key.toString();
}

const keyValue = ([key, value]: readonly [string, string]) => ({
  key: Buffer.from(key),
  value: Buffer.from(value),
  createRevision: 0n,
  modRevision: 0n,
  version: 0n,
  lease: 0n,
});

function unary<Q, R>(work: (request: Q) => Promise<R>): handleUnaryCall<Q, R> {
  return (call, callback) => {
    void work(call.request).then(
      (value) => callback(null, value),
      (error: unknown) =>
        callback({
          code: error instanceof Refused ? error.code : status.UNAVAILABLE,
          details: error instanceof Error ? error.message : String(error),
        }),
    );
  };
}
