import { parseArgs } from 'node:util';

const SCENARIOS = ['usual', 'calm', 'empty'] as const;

const USAGE = `usage: [--nodes 1..200] [--disks 1..16] [--volumes 0..100000] [--seed N] [--scenario ${SCENARIOS.join('|')}]
       [--time-factor 0.1..100] [--rebuild-rate MiB/s] [--disk-size MiB] [--agent-core-port N] [--control-port N]
       [--churn [PER-SECOND]] [--no-workloads] [--with-parent] [--check]   (embedded/README.md says what each means)`;

const FLAGS = {
  nodes: { type: 'string', default: '3' },
  disks: { type: 'string', default: '2' },
  volumes: { type: 'string', default: '40' },
  seed: { type: 'string', default: '1' },
  scenario: { type: 'string', default: 'usual' },
  'disk-size': { type: 'string' },
  'time-factor': { type: 'string', default: '10' },
  'rebuild-rate': { type: 'string', default: '2' },
  'agent-core-port': { type: 'string', default: '0' },
  'control-port': { type: 'string', default: '0' },
  churn: { type: 'string', default: '0' },
  'no-workloads': { type: 'boolean', default: false },
  'with-parent': { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
} as const;

const FRACTIONAL: ReadonlySet<string> = new Set(['time-factor', 'churn']);

const LARGEST_DISK_MIB = 16 * 1024 ** 2;
const USUAL_DISK_MIB = 64 * 1024;
/** What the fleet of the demo has for each of its volumes; with it three quarters of the capacity are committed. */
const PER_VOLUME_MIB = 9.6 * 1024;

/** A flag that cannot be used as it is: one line that says which, and the usage. */
export class Usage extends Error {
  constructor(what: string) {
    super(`${what}\n${USAGE}`);
  }
}

/** Reads the flags, sizes in MiB. Throws Usage. */
export function optionsOf(args: readonly string[]) {
  const values = parse(args);
  const scenario = SCENARIOS.find((s) => s === values.scenario);
  if (!scenario) throw new Usage(`--scenario must be one of ${SCENARIOS.join(', ')}`);
  const number = (key: keyof typeof values, least: number, most: number): number => {
    const text = String(values[key]).trim();
    const n = text === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(n) || n < least || n > most || (!FRACTIONAL.has(key) && !Number.isInteger(n))) {
      throw new Usage(`--${key} must be a number from ${least} to ${most}, not '${text}'`);
    }
    return n;
  };
  const nodes = number('nodes', 1, 200);
  const disks = number('disks', 1, 16);
  const volumes = number('volumes', 0, 100_000);
  const roomy = Math.ceil((volumes * PER_VOLUME_MIB) / (nodes * disks));
  return {
    nodes,
    disks,
    volumes,
    seed: number('seed', 0, 2 ** 31),
    scenario,
    /** Without a wish large enough for the volumes: the files are sparse. */
    diskMiB:
      values['disk-size'] === undefined
        ? Math.min(LARGEST_DISK_MIB, Math.max(USUAL_DISK_MIB, roomy))
        : number('disk-size', 64, LARGEST_DISK_MIB),
    timeFactor: number('time-factor', 0.1, 100),
    /** MiB/s of all rebuilds of a node; 0: as fast as it goes. */
    rebuildMiB: number('rebuild-rate', 0, 100_000),
    agentCorePort: number('agent-core-port', 0, 65_535),
    controlPort: number('control-port', 0, 65_535),
    /** Volumes that are changed per second; 0: none. */
    churn: number('churn', 0, 100),
    workloads: !values['no-workloads'],
    withParent: values['with-parent'],
    /** Only say whether the flags are right. */
    check: values.check,
  };
}

function parse(args: readonly string[]) {
  // `--churn` alone means one a second.
  args = args.map((a, i) => (a === '--churn' && !/^[^-]|^-\d/.test(args[i + 1] ?? '') ? '--churn=1' : a));
  // A number below zero is a value that is out of range, not another flag.
  const joined = args.map((a, i) =>
    /^--[a-z-]+$/.test(a) && /^-\d/.test(args[i + 1] ?? '') ? `${a}=${args[i + 1]}` : a,
  );
  const given = joined.filter((a, i) => !(/^-\d/.test(a) && joined[i - 1]?.endsWith(`=${a}`)));
  try {
    return parseArgs({ args: given, options: FLAGS }).values;
  } catch (error) {
    // Node's own words: the first sentence says which flag.
    throw new Usage((error instanceof Error ? error.message : String(error)).split(/\.\s/)[0] ?? '');
  }
}
