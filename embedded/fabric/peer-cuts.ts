/** A node as the fabric knows it: where it listens, and by which name it connects. */
export interface Peer {
  readonly address: string;
  readonly hostNqn: string;
}

/**
 * Partitions between the nodes of a fabric: what one of them sends to another, or another to it, is lost until the cut is
 * mended. Application hosts are not nodes, so they reach every node all the time.
 */
export class PeerCuts {
  private readonly cut = new Map<string, Peer>();
  private mended: Promise<void> | undefined;
  private mend: (() => void) | undefined;

  constructor(private readonly isNode: (hostNqn: string) => boolean) {}

  set(peer: Peer, on: boolean): void {
    if (on) this.cut.set(peer.hostNqn, peer);
    else this.cut.delete(peer.hostNqn);
    if (on) return;
    this.mend?.();
    this.mended = undefined;
    this.mend = undefined;
  }

  has(peer: Peer): boolean {
    return this.cut.has(peer.hostNqn);
  }

  /** Resolves when what the host sends to the address arrives: at once, or when the cut between them is mended. */
  async pass(hostNqn: string, address: string): Promise<void> {
    while (this.isCut(hostNqn, address)) {
      this.mended ??= new Promise((resolve) => {
        this.mend = resolve;
      });
      await this.mended;
    }
  }

  isCut(hostNqn: string, address: string): boolean {
    // Asked at each I/O.
    if (this.cut.size === 0 || !this.isNode(hostNqn)) return false;
    const own = this.cut.get(hostNqn);
    if (own !== undefined && own.address !== address) return true;
    for (const peer of this.cut.values()) if (peer.address === address && peer.hostNqn !== hostNqn) return true;
    return false;
  }
}
