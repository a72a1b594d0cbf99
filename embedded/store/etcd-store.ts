import { credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { KVClient, type RangeResponse } from '@/gen/etcdserverpb/kv';
import { byKey } from './memory-store';
import type { Store } from './store';

/** An io-engine waits as long for its store, unless told otherwise (behaviour facts, 10.4). */
const TIMEOUT_MS = 10_000;

/**
 * A store behind etcd's own protocol: etcd itself, as Mayastor's io-engines use it, or our agent-core, which serves the
 * same calls. Every call rejects with the gRPC error when there is no answer in time.
 */
export class EtcdStore implements Store {
  private readonly client: KVClient;

  constructor(
    address: string,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {
    this.client = new KVClient(address, credentials.createInsecure(), {
      // A store that comes back is found at once, not after gRPC's back-off of minutes.
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1_000,
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  async get(key: string): Promise<string | undefined> {
    const request = { key: Buffer.from(key), rangeEnd: EMPTY, limit: 1n };
    const { kvs } = await this.call<RangeResponse>((m, o, cb) => this.client.range(request, m, o, cb));
    return kvs[0]?.value.toString();
  }

  async put(key: string, value: string): Promise<void> {
    const request = { key: Buffer.from(key), value: Buffer.from(value), lease: 0n };
    await this.call((m, o, cb) => this.client.put(request, m, o, cb));
  }

  async delete(key: string): Promise<void> {
    const request = { key: Buffer.from(key), rangeEnd: EMPTY };
    await this.call((m, o, cb) => this.client.deleteRange(request, m, o, cb));
  }

  async list(prefix: string): Promise<Array<readonly [key: string, value: string]>> {
    const request = { key: Buffer.from(prefix), rangeEnd: endOf(prefix), limit: 0n };
    const { kvs } = await this.call<RangeResponse>((m, o, cb) => this.client.range(request, m, o, cb));
    return kvs.map((kv) => [kv.key.toString(), kv.value.toString()] as const).sort(byKey);
  }

  close(): void {
    this.client.close();
  }

  private call<T>(
    run: (m: Metadata, o: { deadline: number }, callback: (error: ServiceError | null, value: T) => void) => unknown,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      run(new Metadata(), { deadline: Date.now() + this.timeoutMs }, (error, value) =>
        error === null ? resolve(value) : reject(error),
      );
    });
  }
}

const EMPTY = Buffer.alloc(0);

/** First key that does not have the prefix, which must not be empty: its last byte one higher. */
function endOf(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  // UTF-8 has no byte 0xff, so the last one can always be raised.
  end.writeUInt8(end.readUInt8(end.length - 1) + 1, end.length - 1);
  return end;
}
