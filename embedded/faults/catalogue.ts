import { UnknownThing } from '@/embedded/cluster/cluster-node';
import { CORE_FAULTS } from './core-faults';
import { DISK_FAULTS } from './disk-faults';
import type { Fault, FaultScope } from './fault';
import { NODE_FAULTS } from './node-faults';
import { REPLICA_FAULTS } from './replica-faults';

/** Everything that can be broken. */
export const CATALOGUE: readonly Fault[] = [...NODE_FAULTS, ...DISK_FAULTS, ...REPLICA_FAULTS, ...CORE_FAULTS];

/** What faults are done to, in the order of the page. */
export const SCOPES: ReadonlyArray<{ scope: FaultScope; title: string; target: string }> = [
  { scope: 'node', title: 'A node', target: 'its name' },
  { scope: 'disk', title: 'A disk', target: 'node/index' },
  { scope: 'replica', title: 'A copy of a volume', target: 'UUID of the replica' },
  { scope: 'agent-core', title: 'The control plane', target: 'none' },
];

/** Throws UnknownThing. */
export function faultOf(id: string): Fault {
  const fault = CATALOGUE.find((f) => f.id === id);
  if (!fault) throw new UnknownThing(`there is no fault ${id}: ${CATALOGUE.map((f) => f.id).join(', ')}`);
  return fault;
}

/** The catalogue as people read it in a terminal. */
export function helpText(): string {
  const lines = ['POST /faults/<fault>/<target> begins one, DELETE ends it; GET /faults lists what is broken.', ''];
  for (const { scope, title, target } of SCOPES) {
    lines.push(`${title} (target: ${target})`);
    for (const fault of CATALOGUE.filter((f) => f.scope === scope)) {
      lines.push(`  ${fault.id.padEnd(18)}${fault.title}. ${fault.effect}${amountText(fault)}`);
    }
    lines.push('');
  }
  return lines.join('\n');
}

/** What a fault's amount may be, as a sentence that begins with a blank; '' without one. */
export function amountText({ amount }: Fault): string {
  if (!amount) return '';
  const { usual, unit, least, most } = amount;
  return ` Body {"amount": ${usual}}: ${unit}, ${least} to ${most}.`;
}
