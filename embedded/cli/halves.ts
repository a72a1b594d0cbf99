import { runAgentCore } from './agent-core-command';
import { BadArguments } from './arguments';
import { runIoEngine } from './io-engine-command';

/** One half of a cluster alone, by the first argument; undefined when that names none. */
export function halfOf(args: readonly string[]): (() => Promise<void>) | undefined {
  const [name, ...rest] = args;
  if (name === 'io-engine') return () => alone(name, () => runIoEngine(rest));
  if (name === 'agent-core') return () => alone(name, () => runAgentCore(rest));
  return undefined;
}

/** Ends with 2 for flags that cannot be used, with 1 for anything else that keeps it from starting. */
async function alone(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(error instanceof BadArguments ? 2 : 1);
  }
}
