// Shared by demo, start and embedded: builds what is needed, starts programs, and ends them in good order.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds what is not up to date; exits when that fails. */
export function build(...parts) {
  const runs = parts.length > 0 ? parts.map((p) => ['--only', p]) : [[]];
  for (const args of runs) {
    const result = spawnSync(process.execPath, ['scripts/build.mjs', ...args], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (result.status !== 0) process.exit(result.status ?? 1);
  }
}

/** Ends with a usage line and code 2 when the embedded cluster would refuse these flags, before anything is built or started. */
export function checkFlags(args) {
  build('embedded');
  const { status } = spawnSync(process.execPath, ['dist/embedded.mjs', '--check', ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** Starts one of our programs. Its stdin is a pipe of ours, which closes whatever way we die. */
export function program(file, args, env, onLine) {
  const child = spawn(process.execPath, [file, ...args], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
    // Ctrl-C reaches only us, and we end the programs in order.
    detached: true,
  });
  let rest = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  return child;
}

/** Hands each line of our standard input on, for which the console prints a new link to sign in. */
export function onEnter(child) {
  child.stdin.on('error', () => undefined); // it has ended
  process.stdin.on('data', (text) => child.stdin.write(text));
  process.stdin.on('error', () => undefined);
}

/** Asks a program to end and waits for it; kills it when it takes longer than 10 s. */
export function end(child) {
  return new Promise((resolve) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.on('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
