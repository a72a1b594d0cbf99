import type { FaultBoard } from './fault-board';

/** A request that cannot be served as it is. */
export class BadRequest extends Error {}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

type Action = (board: FaultBoard, target: string) => Promise<void>;

const begin =
  (fault: string): Action =>
  (board, target) =>
    board.begin(fault, target);
const end =
  (...faults: string[]): Action =>
  async (board, target) => {
    for (const fault of faults) await board.end(fault, target);
  };

const NODES: Record<string, Action> = {
  kill: begin('node-kill'),
  start: end('node-kill'),
  restart: async (board, target) => {
    await board.begin('node-kill', target);
    await board.end('node-kill', target);
  },
  hang: begin('node-hang'),
  unhang: end('node-hang'),
};
const DISKS: Record<string, Action> = {
  fail: begin('disk-fail'),
  slow: begin('disk-slow'),
  heal: end('disk-fail', 'disk-slow', 'disk-gone'),
};
const CORE: Record<string, Action> = {
  kill: begin('core-kill'),
  start: end('core-kill'),
  restart: begin('core-restart'),
};

/**
 * The short forms of the commonest faults: POST /nodes/io-1/kill and the like. Undefined for another path. Throws
 * BadRequest for an action that there is not.
 */
export function shortForm(parts: readonly string[]): ((board: FaultBoard) => Promise<void>) | undefined {
  const [first, second = '', third = '', fourth = ''] = parts;
  if (first === 'nodes') return bound(NODES, third, second);
  if (first === 'disks') return bound(DISKS, fourth, `${second}/${third}`);
  if (first === 'agent-core') return bound(CORE, second, undefined);
  if (first !== 'replicas' || third !== 'fault') return undefined;
  if (!UUID.test(second)) throw new BadRequest('a replica is named by its UUID');
  return bound({ fault: begin('replica-error') }, third, second);
}

function bound(actions: Record<string, Action>, name: string, target: string | undefined) {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action) throw new BadRequest(`there is no '${name}' here: ${Object.keys(actions).join(', ')}`);
  return (board: FaultBoard) => action(board, target ?? 'agent-core');
}
