/** One kind of call's outcome so far. */
interface Count {
  upstream: 'agent-core' | 'io-engine';
  /** The storage node of an io-engine; empty for agent-core. */
  node: string;
  /** `OK`, or the kind of error. */
  code: string;
  calls: number;
}

/** More kinds of errors of one upstream than these are counted together: a newer server may number them as it likes. */
const MAX_CODES = 40;

/** Calls to the upstreams of one cluster by what became of them. As large as the cluster has nodes. */
export class CallCounts {
  private readonly byNode = new Map<string, Map<string, Count>>();

  add(upstream: Count['upstream'], node: string, code: string): void {
    const key = `${upstream} ${node}`;
    const codes = this.byNode.get(key) ?? new Map<string, Count>();
    this.byNode.set(key, codes);
    const known = codes.has(code) || codes.size < MAX_CODES ? code : 'Other';
    const count = codes.get(known) ?? { upstream, node, code: known, calls: 0 };
    codes.set(known, count);
    count.calls += 1;
  }

  /** Forgets nodes that the cluster does not have any more. */
  keepOnly(nodes: ReadonlySet<string>): void {
    for (const [key, codes] of this.byNode) {
      const [first] = codes.values();
      if (first?.upstream === 'io-engine' && !nodes.has(first.node)) this.byNode.delete(key);
    }
  }

  all(): Count[] {
    return [...this.byNode.values()].flatMap((codes) => [...codes.values()]);
  }
}
