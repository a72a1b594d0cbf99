// npm run embedded [-- flags]: the embedded cluster alone. Prints one JSON line when it is up.
import { build, end, program } from './run.mjs';

build('embedded');
const cluster = program('dist/embedded.mjs', ['--with-parent', ...process.argv.slice(2)], {}, (line) =>
  console.log(line),
);
cluster.on('exit', (code) => process.exit(code ?? 1));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(cluster));
