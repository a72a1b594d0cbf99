// npm run demo [-- --nodes N --volumes M --seed S --time-factor F ...]: the console on an embedded cluster.
import { createServer } from 'node:net';
import { build, checkFlags, end, onEnter, program } from './run.mjs';

const args = process.argv.slice(2);
await checkFlags(args);
await build();

let cluster;
let console_;
let ending = false;
async function finish(code) {
  if (ending) return;
  ending = true;
  await end(console_);
  await end(cluster);
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void finish(0));

console.log('Starting an embedded cluster …');
cluster = program('dist/embedded.mjs', ['--with-parent', ...args], {}, (line) => {
  let ready;
  try {
    ready = JSON.parse(line);
  } catch {
    console.log(line);
    return;
  }
  if (ready.ready) void startConsole(ready);
});
cluster.on('exit', (code) => void finish(code === 0 && !ending ? 1 : (code ?? 1)));

/** 4200, or the next port that is free. */
async function usualPort() {
  for (let port = 4200; port < 4300; port += 1) {
    const isFree = await new Promise((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (isFree) return String(port);
    console.log(`port ${port} is in use, trying the next`);
  }
  return '0';
}

async function startConsole({ agentCore, control, timeFactor }) {
  // A port that was asked for must be free; the usual one may give way.
  const port = process.env.PORT || (await usualPort());
  if (ending) return;
  const env = { AGENT_CORE: agentCore, CONFIG: '', PORT: port, READY_JSON: '1', WITH_PARENT: '1' };
  console_ = program('dist/server.mjs', [], env, (line) => {
    if (!line.startsWith('{')) return;
    const said = JSON.parse(line);
    if (said.stream === 'audit') return; // the page Audit shows it
    if (!said.ready) return console.log(said.signIn ? `\n  Sign in, once      ${said.signIn}\n` : line);
    console.log(`
  Mayastor Console   ${said.url}
  Sign in, once      ${said.signIn}
  Break something    ${control}   (kill or part a node, fill a disk, restart agent-core, and more)

  The link signs this browser in and works once, within 15 minutes; Enter prints another.
  Three things to know: every clock of Mayastor runs ${timeFactor} times as fast here, rebuilds are
  held back so that they can be watched, and Ctrl-C ends everything and removes its files.
`);
  });
  onEnter(console_);
  console_.on('exit', (code) => void finish(code ?? 1));
}
