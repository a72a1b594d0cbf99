import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isListening, Program, TempFolder } from './testing';

let temp: TempFolder;
let running: Program | undefined;

beforeEach(() => {
  temp = new TempFolder();
});

afterEach(async () => {
  await running?.kill();
  running = undefined;
  temp.remove();
});

describe('npm run demo', () => {
  it.each([
    [['--nodes', 'x'], /--nodes must be a number from 1 to 200, not 'x'/],
    [['--volumes', '-1'], /--volumes must be a number from 0 to 100000, not '-1'/],
    [['--what'], /Unknown option '--what'/],
  ])('refuses %j with a usage line and starts nothing', async (args, expected) => {
    running = new Program(['scripts/demo.mjs', ...args], { TMPDIR: temp.path });
    expect((await running.ended).code).toBe(2);
    expect(running.stderr).toMatch(expected);
    expect(running.stderr).toMatch(/\nusage: \[--nodes 1\.\.200\]/);
    expect(running.stdout).not.toMatch(/Starting/);
    expect(temp.left()).toEqual([]);
  });
});

/** The demo where the build is up to date, with its two programs; else the cluster alone, which the same code ends. */
function start(flags: readonly string[] = []): { program: Program; isDemo: boolean } {
  const isDemo = spawnSync(process.execPath, ['scripts/build.mjs', '--check']).status === 0;
  const script = isDemo ? 'scripts/demo.mjs' : 'scripts/embedded.mjs';
  const argv = [script, '--volumes', '2', '--disk-size', '16384', ...flags];
  return { program: new Program(argv, { TMPDIR: temp.path, PORT: '0' }), isDemo };
}

const upOf = (isDemo: boolean) =>
  isDemo
    ? /Mayastor Console +(http:\S+)[\s\S]*Break something +(http:\S+)/
    : /"agentCore":"()[^"]+","control":"([^"]+)"/;

describe.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('a running demo that gets %s', (signal) => {
  it('ends with all its programs and leaves no file', async () => {
    const { program, isDemo } = start();
    running = program;
    const urls = (await program.says(upOf(isDemo))).slice(1).filter((url) => url !== '');
    expect(urls.length).toBeGreaterThan(0);
    for (const url of urls) expect(await isListening(url)).toBe(true);
    expect(temp.left()).toHaveLength(1);
    program.signal(signal);
    const ended = await program.ended;
    if (signal !== 'SIGKILL') {
      expect(ended.code).toBe(0);
      expect(temp.left()).toEqual([]);
    }
    // Killed, it cannot wait for its programs; they end by themselves when its pipe closes.
    await expect
      .poll(async () => (await Promise.all(urls.map(isListening))).some(Boolean), { timeout: 10_000 })
      .toBe(false);
    await expect.poll(() => temp.left(), { timeout: 10_000 }).toEqual([]);
  });
});

/** Processes that were given our folder for their files: the demo and all that it started. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`TMPDIR=${folder}`);
    } catch {
      return false; // it has ended, or is somebody else's
    }
  });
}

describe.each(['SIGINT', 'SIGTERM'] as const)('a demo that gets %s while it starts', (signal) => {
  it.each([
    ['as soon as it runs anything', () => processesOf(temp.path).length > 1],
    ['when its cluster has begun to make files', () => temp.left().length > 0],
  ])('leaves no file and no process: %s', async (_when, isThen) => {
    // Many nodes and disks take a while to come up.
    const { program } = start(['--nodes', '12', '--disks', '4']);
    running = program;
    await expect.poll(isThen, { timeout: 30_000, interval: 5 }).toBe(true);
    program.signal(signal);
    await program.ended;
    expect(program.stderr).toBe('');
    await expect.poll(() => processesOf(temp.path), { timeout: 30_000 }).toEqual([]);
    expect(temp.left()).toEqual([]);
  });
});
