// Shared by demo, start and embedded: builds what is needed, starts programs, and ends them in good order.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 };

/** Runs one of our scripts to its end and gives its exit code. A signal meanwhile ends it, with all that it started, and us. */
function run(argv, stdio) {
  return new Promise((resolve) => {
    // A group of its own, so that its compilers end with it.
    const child = spawn(process.execPath, argv, { cwd: root, stdio, detached: true });
    const stop = (signal) => {
      try {
        process.kill(-child.pid, 'SIGTERM');
      } catch {
        // It has ended.
      }
      child.once('close', () => process.exit(128 + SIGNALS[signal]));
    };
    for (const signal of Object.keys(SIGNALS)) process.on(signal, stop);
    child.on('close', (code) => {
      for (const signal of Object.keys(SIGNALS)) process.removeListener(signal, stop);
      resolve(code ?? 1);
    });
  });
}

/** Builds what is not up to date; exits when that fails. */
export async function build(...parts) {
  for (const args of parts.length > 0 ? parts.map((p) => ['--only', p]) : [[]]) {
    const code = await run(['scripts/build.mjs', ...args], ['ignore', 'inherit', 'inherit']);
    if (code !== 0) process.exit(code);
  }
}

/** Ends with a usage line and code 2 when the embedded cluster would refuse these flags, before anything is built or started. */
export async function checkFlags(args) {
  await build('embedded');
  const code = await run(['dist/embedded.mjs', '--check', ...args], ['ignore', 'ignore', 'inherit']);
  if (code !== 0) process.exit(code);
}

const LARGE_FLEET = 20_000;
const LARGE_HEAP_MB = 5_200;

/** Node limits its heap by the machine's memory; a very large fleet needs more than it gives on most. */
function heapFor(args) {
  const at = args.findIndex((a) => a === '--volumes' || a.startsWith('--volumes='));
  const volumes = at < 0 ? 0 : Number(args[at].split('=')[1] ?? args[at + 1]);
  return volumes > LARGE_FLEET ? [`--max-old-space-size=${LARGE_HEAP_MB}`] : [];
}

/** Starts one of our programs. Its stdin is a pipe of ours, which closes whatever way we die. */
export function program(file, args, env, onLine) {
  const child = spawn(process.execPath, [...heapFor(args), file, ...args], {
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

/** A large fleet has many files to close and remove on a busy machine. */
const PATIENCE_MS = 30_000;

/** Asks a program to end and waits for it; kills it when it takes longer than that. */
export function end(child) {
  return new Promise((resolve) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    child.on('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
