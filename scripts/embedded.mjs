// npm run embedded [-- flags]: the embedded cluster alone, or with `io-engine` or `agent-core` first, one half of it.
// Prints one JSON line when it is up.
import { build, end, program } from './run.mjs';

await build('embedded');
const cluster = program('dist/embedded.mjs', [...process.argv.slice(2), '--with-parent'], {}, (line) =>
  console.log(line),
);
cluster.on('exit', (code) => process.exit(code ?? 1));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(cluster));
