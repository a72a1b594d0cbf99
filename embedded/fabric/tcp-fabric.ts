import { randomUUID } from 'node:crypto';
import { createConnection } from 'node:net';
import type { ConnectOptions, ExportedDevice, Fabric, FabricListener, RemoteDevice } from './fabric';
import { FabricError } from './fabric';
import { parseNvmfUri } from './nvmf-uri';
import { connected, TcpConnection } from './tcp-connection';
import { type Stranger, TcpListener } from './tcp-listener';

/**
 * The fabric between processes: devices are reached by the same `nvmf://host:port/nqn` URIs, over a protocol of our own
 * (tcp-frame.ts). A real NVMe/TCP host is refused in its own protocol, and `stranger` hears of it.
 */
export class TcpFabric implements Fabric {
  private readonly client = randomUUID();
  private sequence = 0;
  /** Connections that ended without the far side's word for it, by NQN. */
  private readonly givenUp = new Map<string, Set<number>>();

  constructor(private readonly stranger: Stranger = () => undefined) {}

  async listen(address: string, lookup: (nqn: string) => ExportedDevice | undefined): Promise<FabricListener> {
    const listener = new TcpListener(lookup, this.stranger);
    const { host, port } = split(address);
    await listener.start(host, port);
    return listener;
  }

  async connect(uri: string, hostNqn: string, options: ConnectOptions = {}): Promise<RemoteDevice> {
    const target = parseNvmfUri(uri);
    if (!target) throw new FabricError('not-found', `${uri} is not an NVMe-oF URI`);
    const { nqn } = target;
    const socket = createConnection({ ...split(target.address), noDelay: true });
    await connected(socket, target.address);
    this.sequence++;
    const { sequence } = this;
    const connection = new TcpConnection(socket, nqn, () => this.giveUp(nqn, sequence));
    const revoked = [...(this.givenUp.get(nqn) ?? [])];
    await connection.open({
      nqn,
      hostNqn,
      client: this.client,
      sequence,
      key: options.reservationKey?.toString(),
      revoked,
    });
    for (const ended of revoked) this.givenUp.get(nqn)?.delete(ended);
    if (this.givenUp.get(nqn)?.size === 0) this.givenUp.delete(nqn);
    return connection;
  }

  private giveUp(nqn: string, sequence: number): void {
    const sequences = this.givenUp.get(nqn) ?? new Set();
    this.givenUp.set(nqn, sequences.add(sequence));
  }
}

function split(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  // IPv6 hosts are written in brackets.
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
}
