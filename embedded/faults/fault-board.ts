import { NotNow } from '@/embedded/cluster/cluster-node';
import type { EmbeddedCluster } from '@/embedded/cluster/embedded-cluster';
import { CATALOGUE, faultOf } from './catalogue';
import { AGENT_CORE, type FaultPlace } from './fault';

/** A fault that is on. */
export interface ActiveFault extends FaultPlace {
  readonly fault: string;
  /** When it began, or was first seen; milliseconds UTC. */
  readonly since: number;
}

/** An amount that the fault does not take. */
export class BadAmount extends Error {}

/** Begins and ends the faults of one cluster. What is on is asked of the cluster, so that it is so whoever began it. */
export class FaultBoard {
  private readonly since = new Map<string, number>();

  constructor(private readonly cluster: EmbeddedCluster) {}

  /** Throws UnknownThing, NotNow or BadAmount. `target` of agent-core's faults may be left out. */
  async begin(id: string, target: string = AGENT_CORE, amount?: number): Promise<void> {
    const fault = faultOf(id);
    const { usual = 1, least = 1, most = 1 } = fault.amount ?? {};
    const strength = amount ?? usual;
    if (!Number.isInteger(strength) || strength < least || strength > most) {
      throw new BadAmount(fault.amount ? `amount: a whole number from ${least} to ${most}` : `${id} takes no amount`);
    }
    this.since.delete(key(id, target));
    await fault.begin(this.cluster, target, strength);
    this.active();
  }

  /** Ends a fault; one that is over already is fine. Throws UnknownThing or NotNow. */
  async end(id: string, target: string = AGENT_CORE): Promise<void> {
    const { lasting } = faultOf(id);
    if (!lasting) throw new NotNow(`${id} is over at once, there is nothing to end`);
    await lasting.finish(this.cluster, target);
  }

  /** Ends whatever is broken; goes on when one cannot be ended, and then throws the first of those errors. */
  async endAll(): Promise<void> {
    const errors: unknown[] = [];
    // Stores first, then processes: agent-core waits for its store, and what is dead can be asked for nothing.
    const rank = ({ fault }: ActiveFault) => (/-store-/.test(fault) ? 0 : /-(kill|hang)$/.test(fault) ? 1 : 2);
    for (const { fault, target } of this.active().sort((a, b) => rank(a) - rank(b))) {
      await this.end(fault, target).catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0];
  }

  /** What is broken now, the newest first. */
  active(): ActiveFault[] {
    const found: ActiveFault[] = [];
    for (const { id, lasting, amount: choice } of CATALOGUE) {
      for (const { target, amount } of lasting?.places(this.cluster) ?? []) {
        const since = this.since.get(key(id, target)) ?? Date.now();
        found.push({ fault: id, target, since, ...(choice && amount !== undefined && { amount }) });
      }
    }
    this.since.clear();
    for (const { fault, target, since } of found) this.since.set(key(fault, target), since);
    return found.sort((a, b) => b.since - a.since);
  }
}

const key = (id: string, target: string) => `${id} ${target}`;
