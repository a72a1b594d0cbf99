import type { ConnectOptions, ExportedDevice, Fabric, FabricListener, RemoteDevice } from './fabric';
import { FabricError } from './fabric';
import { LoopbackConnection } from './loopback-connection';
import { nextTurn } from './next-turn';
import { NODE_NQN_PREFIX, parseNvmfUri } from './nvmf-uri';
import { PeerCuts } from './peer-cuts';

type Lookup = (nqn: string) => ExportedDevice | undefined;

/** One listener of one node: knows its connections, so that they die with it. */
export class LoopbackListener implements FabricListener {
  readonly connections = new Set<LoopbackConnection>();
  /** Key of the nexus that holds each device, by NQN. */
  readonly reservations = new Map<string, bigint>();
  private thaw: (() => void) | undefined;
  private frozen: Promise<void> | undefined;

  constructor(
    readonly address: string,
    readonly lookup: Lookup,
    private readonly cuts: PeerCuts,
    private readonly gone: () => void,
  ) {}

  async answers(hostNqn: string): Promise<void> {
    while (this.isSilent(hostNqn)) {
      if (this.frozen) await this.frozen;
      await this.cuts.pass(hostNqn, this.address);
    }
  }

  isSilent(hostNqn: string): boolean {
    return this.frozen !== undefined || this.cuts.isCut(hostNqn, this.address);
  }

  hang(on: boolean): void {
    if (on && !this.frozen) {
      this.frozen = new Promise((resolve) => {
        this.thaw = resolve;
      });
    } else if (!on) {
      this.frozen = undefined;
      this.thaw?.();
    }
  }

  kill(): void {
    this.gone();
    for (const c of [...this.connections]) c.lose(new FabricError('connection-lost', `${this.address} is gone`));
    this.hang(false);
  }

  async close(): Promise<void> {
    this.kill();
  }
}

/**
 * NVMe-oF inside one process: addresses lead to lookups, and every command takes a turn of the event loop, so that no
 * caller is ever re-entered. Commands of a connection start in the order in which they were given.
 */
export class LoopbackFabric implements Fabric {
  /** Partitions between nodes. */
  readonly cuts = new PeerCuts((hostNqn) => hostNqn.startsWith(NODE_NQN_PREFIX));
  private readonly listeners = new Map<string, LoopbackListener>();

  async listen(address: string, lookup: Lookup): Promise<FabricListener> {
    if (this.listeners.has(address)) throw new FabricError('busy', `${address} is taken`);
    const listener: LoopbackListener = new LoopbackListener(address, lookup, this.cuts, () => {
      if (this.listeners.get(address) === listener) this.listeners.delete(address);
    });
    this.listeners.set(address, listener);
    return listener;
  }

  async connect(uri: string, hostNqn: string, options: ConnectOptions = {}): Promise<RemoteDevice> {
    await nextTurn();
    const target = parseNvmfUri(uri);
    if (!target) throw new FabricError('not-found', `${uri} is not an NVMe-oF URI`);
    const reach = () => {
      const listener = this.listeners.get(target.address);
      if (!listener) throw new FabricError('connection-lost', `nobody listens at ${target.address}`);
      return listener;
    };
    await this.cuts.pass(hostNqn, target.address);
    await reach().answers(hostNqn);
    const listener = reach();
    const device = listener.lookup(target.nqn);
    if (!device) throw new FabricError('not-found', `${target.nqn} is not shared at ${target.address}`);
    if (device.allowedHosts.length > 0 && !device.allowedHosts.includes(hostNqn)) {
      throw new FabricError('not-allowed', `${hostNqn} may not connect to ${target.nqn}`);
    }
    if (options.reservationKey !== undefined) listener.reservations.set(target.nqn, options.reservationKey);
    return new LoopbackConnection(listener, target.nqn, hostNqn, options.reservationKey);
  }
}
