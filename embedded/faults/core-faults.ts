import { AGENT_CORE, type Fault } from './fault';

const here = (on: boolean) => (on ? [{ target: AGENT_CORE }] : []);

/** Faults of agent-core. */
export const CORE_FAULTS: readonly Fault[] = [
  {
    id: 'core-kill',
    scope: 'agent-core',
    title: 'Kill agent-core',
    effect:
      'As kill -9. Nothing is repaired and nothing can be changed; applications go on, and the io-engines still tell about their targets.',
    begin: (cluster) => cluster.killCore(),
    lasting: {
      is: 'killed',
      end: 'Start it',
      finish: (cluster) => cluster.startCore(),
      places: (cluster) => here(!cluster.isCoreRunning),
    },
  },
  {
    id: 'core-restart',
    scope: 'agent-core',
    title: 'Restart agent-core',
    effect: 'Killed and started at once: nodes have no state until their next heart-beat, then all is as before.',
    begin: async (cluster) => {
      await cluster.killCore();
      await cluster.startCore();
    },
  },
];
