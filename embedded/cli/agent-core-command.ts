import { AgentCore } from '@/embedded/agent-core/agent-core';
import { type Timings, timings } from '@/embedded/timing';
import { Flags } from './arguments';
import { openDataFolder } from './data-folder';
import { endsWhenTold } from './life';

const USAGE = `agent-core --data DIR [--port 50051] [--host 127.0.0.1] [--time-factor 1]
       [--deadline 10s] [--cache-period 30s] [--reconcile-period 10s] [--reconcile-idle-period 30s]
       [--faulted-child-wait-period 10m] [--store-timeout 5s] [--max-rebuilds N] [--disable-partial-rebuild] [--disable-ha]
       [--with-parent] [--check]`;

/** Clocks that have a flag, under the names that Mayastor's agent-core gives them (behaviour facts, 10.2). */
const CLOCKS: ReadonlyArray<readonly [flag: string, key: keyof Timings]> = [
  ['deadline', 'nodeDeadlineMs'],
  ['cache-period', 'cachePeriodMs'],
  ['reconcile-period', 'reconcileMs'],
  ['reconcile-idle-period', 'reconcileIdleMs'],
  ['faulted-child-wait-period', 'faultedChildWaitMs'],
  ['store-timeout', 'storeTimeoutMs'],
];

/** What the flags ask for. Throws BadArguments. */
export function agentCoreOptions(args: readonly string[]) {
  const takes = ['data', 'port', 'host', 'time-factor', 'max-rebuilds', ...CLOCKS.map(([flag]) => flag)];
  const flags = Flags.parse(args, takes, ['disable-partial-rebuild', 'disable-ha', 'with-parent', 'check'], USAGE);
  const clock = timings(flags.number('time-factor', 0.1, 100, 1, false));
  for (const [flag, key] of CLOCKS) clock[key] = flags.span(flag) ?? clock[key];
  return {
    data: flags.required('data'),
    host: flags.text('host') ?? '127.0.0.1',
    port: flags.number('port', 0, 65_535, 50_051),
    timings: clock,
    maxRebuilds: flags.has('max-rebuilds') ? flags.number('max-rebuilds', 0, 1_000_000, 0) : undefined,
    partialRebuild: !flags.has('disable-partial-rebuild'),
    highAvailability: !flags.has('disable-ha'),
    withParent: flags.has('with-parent'),
    check: flags.has('check'),
  };
}

/** Runs agent-core alone until it is told to end. Prints one JSON line when it is up. */
export async function runAgentCore(args: readonly string[]): Promise<void> {
  const { data, withParent, check, ...options } = agentCoreOptions(args);
  if (check) return;
  const folder = await openDataFolder(data);
  const core = new AgentCore({ ...options, store: folder.store });
  try {
    await core.start();
  } catch (error) {
    await folder.close();
    throw error;
  }
  endsWhenTold(withParent, async () => {
    await core.stop();
    await folder.close();
  });
  console.log(JSON.stringify({ ready: true, agentCore: core.address }));
}
