import { spawnSync } from 'node:child_process';
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
function start(): { program: Program; up: RegExp } {
  const isBuilt = spawnSync(process.execPath, ['scripts/build.mjs', '--check']).status === 0;
  const args = ['--volumes', '2', '--disk-size', '16384'];
  const env = { TMPDIR: temp.path, PORT: '0' };
  return isBuilt
    ? {
        program: new Program(['scripts/demo.mjs', ...args], env),
        up: /Mayastor Console +(http:\S+)[\s\S]*Break something +(http:\S+)/,
      }
    : {
        program: new Program(['scripts/embedded.mjs', ...args], env),
        up: /"agentCore":"()[^"]+","control":"([^"]+)"/,
      };
}

describe.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('a running demo that gets %s', (signal) => {
  it('ends with all its programs and leaves no file', async () => {
    const { program, up } = start();
    running = program;
    const urls = (await program.says(up)).slice(1).filter((url) => url !== '');
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
