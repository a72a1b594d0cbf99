import type { SourceState } from '@/contract/source';
import type { EngineReading, NodeModel } from '@/server/model/model';
import { nodeEndpoint } from '@/server/upstream/endpoint';
import { err, type Result } from '@/server/upstream/result';
import type { Clock } from './clock';
import { type EngineReads, readEngine } from './engine-pass';
import { Lane } from './lane';
import { Source } from './source';

export interface FleetOptions {
  clock: Clock;
  random: () => number;
  /** Time between two readings of a node; asked anew after each. */
  intervalMs: (node: string) => number;
  agentCore: string;
  connect: (endpoint: string, node: string) => EngineReads;
  /** A node answered. */
  read: (before: EngineReading | undefined, reading: EngineReading) => void;
  /** A node did not answer, or is no longer there. */
  silent: (node: string) => void;
  changed: () => void;
}

/** Hundreds of nodes may be away together. */
const MAX_BACKOFF_MS = 15_000;

interface Engine {
  source: Source;
  client: EngineReads;
  /** As the node's spec gave it. */
  endpoint: string;
}

/**
 * A reader for each storage node that agent-core knows. Nodes do not wait for each other: each has its own schedule and
 * deadlines, and those that fail share a lane of their own, so that they cannot fill that of the others.
 */
export class EngineFleet {
  readonly #engines = new Map<string, Engine>();
  readonly #refused = new Map<string, SourceState>();
  readonly #healthy = new Lane(32);
  readonly #failing = new Lane(8);
  #readings: ReadonlyMap<string, EngineReading> = new Map();

  constructor(private readonly options: FleetOptions) {}

  /** Last reading of each node, a new map with each. Old ones stay while the node is known. */
  get readings(): ReadonlyMap<string, EngineReading> {
    return this.#readings;
  }

  /** State of each node's reader, by name of the node. */
  get states(): SourceState[] {
    const states = [...this.#engines.values()].map((engine) => engine.source.state).concat([...this.#refused.values()]);
    return states.sort((a, b) => ((a.node ?? '') < (b.node ?? '') ? -1 : 1));
  }

  /** Follows the nodes that agent-core lists: new ones are read at once, moved ones anew, lost ones no more. */
  follow(nodes: ReadonlyMap<string, NodeModel>): void {
    for (const [node, engine] of this.#engines) {
      if (nodes.get(node)?.endpoint !== engine.endpoint) this.#remove(node, engine);
    }
    for (const node of this.#refused.keys()) {
      if (nodes.get(node)?.endpoint !== this.#refused.get(node)?.endpoint) this.#refused.delete(node);
    }
    this.#forget((node) => nodes.has(node));
    for (const node of nodes.values()) {
      if (!this.#engines.has(node.id) && !this.#refused.has(node.id)) this.#add(node);
    }
  }

  /** Reads one node now; nothing to do for one that is not read at all. */
  readNow(node: string): Promise<void> {
    return this.#engines.get(node)?.source.readNow() ?? Promise.resolve();
  }

  /** Nodes that are read. */
  get size(): number {
    return this.#engines.size;
  }

  /** The interval has become shorter, of one node or of all. */
  hasten(node?: string): void {
    if (node !== undefined) this.#engines.get(node)?.source.hasten();
    else for (const { source } of this.#engines.values()) source.hasten();
  }

  stop(): void {
    for (const [node, engine] of this.#engines) this.#remove(node, engine);
  }

  #add(node: NodeModel): void {
    const { clock, random, intervalMs, agentCore, connect, changed } = this.options;
    const endpoint = nodeEndpoint(node.endpoint, agentCore);
    if (!endpoint.ok) {
      const error = { code: 'endpoint-refused', message: `${node.endpoint || 'no endpoint'}: ${endpoint.reason}` };
      this.#refused.set(node.id, {
        source: 'io-engine',
        node: node.id,
        endpoint: node.endpoint,
        status: 'refused',
        since: new Date(clock.now()).toISOString(),
        lastOkAt: null,
        nextTryAt: null,
        error,
      });
      return;
    }
    const client = connect(endpoint.target, node.id);
    const source: Source = new Source({
      source: 'io-engine',
      node: node.id,
      endpoint: endpoint.target,
      intervalMs: () => intervalMs(node.id),
      maxBackoffMs: MAX_BACKOFF_MS,
      clock,
      random,
      changed,
      pass: () => {
        const lane = source.state.status === 'failing' ? this.#failing : this.#healthy;
        return lane.run(() => this.#read(node.id, client));
      },
    });
    this.#engines.set(node.id, { source, client, endpoint: node.endpoint });
    source.start();
  }

  async #read(node: string, client: EngineReads): Promise<Result<EngineReading>> {
    const before = this.#readings.get(node);
    const reply = checked(node, await readEngine(client, node, this.options.clock, before));
    if (this.#engines.get(node)?.client !== client) return reply; // moved or gone meanwhile
    if (reply.ok) {
      this.#readings = new Map(this.#readings).set(node, reply.value);
      this.options.read(before, reply.value);
    } else {
      this.options.silent(node);
    }
    return reply;
  }

  #remove(node: string, engine: Engine): void {
    engine.source.stop();
    engine.client.close();
    this.#engines.delete(node);
    this.options.silent(node);
  }

  #forget(known: (node: string) => boolean): void {
    if ([...this.#readings.keys()].every(known)) return;
    this.#readings = new Map([...this.#readings].filter(([node]) => known(node)));
    this.options.changed();
  }
}

/** An address may have passed to another node: what that one says is not this one's. */
function checked(node: string, reply: Result<EngineReading>): Result<EngineReading> {
  const name = reply.ok ? reply.value.info?.nodeName : undefined;
  if (name === undefined || name === node) return reply;
  return err({
    source: 'io-engine',
    kind: 'WrongNode',
    message: `the io-engine at this address is ${name}, not ${node}`,
    retryable: true,
    outcome: 'failed',
  });
}
