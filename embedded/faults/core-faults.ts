import { AGENT_CORE, type Fault } from './fault';

const SLOW = { label: 'by', unit: 'ms', usual: 500, least: 1, most: 60_000 } as const;

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
      places: (cluster) => here(cluster.coreState === 'stopped'),
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
  {
    id: 'core-store-slow',
    scope: 'agent-core',
    title: 'Slow its store down',
    effect:
      'Each reading and writing of its specs takes longer, and so does every change; what takes longer than its time limit fails with FailedPersist.',
    amount: SLOW,
    begin: (cluster, _, amount) => cluster.coreStore.become({ delayMs: amount }),
    lasting: {
      is: 'store slow',
      end: 'Full speed',
      finish: (cluster) => cluster.coreStore.become({}),
      places: ({ coreStore: { condition } }) =>
        condition.delayMs > 0 ? [{ target: AGENT_CORE, amount: condition.delayMs }] : [],
    },
  },
  {
    id: 'core-store-fail',
    scope: 'agent-core',
    title: 'Let its store fail',
    effect:
      'Every change is refused with FailedPersist and nothing is repaired, while what is known is still shown. Later what could not be written is written first.',
    begin: (cluster) => cluster.coreStore.become({ isFailing: true }),
    lasting: {
      is: 'store fails',
      end: 'Let it work',
      finish: (cluster) => cluster.coreStore.become({}),
      places: (cluster) => here(cluster.coreStore.condition.isFailing),
    },
  },
  {
    id: 'core-newer',
    scope: 'agent-core',
    title: 'Make it of a later release',
    effect:
      'Whatever is not online, and every pool, has a state that nobody knows; reasons and kinds of errors are unknown too, and messages carry unknown fields.',
    begin: (cluster) => {
      cluster.isCoreNewer = true;
    },
    lasting: {
      is: 'of a later release',
      end: 'Of this release again',
      finish: (cluster) => {
        cluster.isCoreNewer = false;
      },
      places: (cluster) => here(cluster.isCoreNewer),
    },
  },
];
