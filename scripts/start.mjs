// npm start: the console alone, in production form, on the clusters of AGENT_CORE or CONFIG.
import { build, end, onEnter, program } from './run.mjs';

await build('next', 'server');
const server = program('dist/server.mjs', process.argv.slice(2), { WITH_PARENT: '1' }, (line) => console.log(line));
onEnter(server);
server.on('exit', (code) => process.exit(code ?? 1));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(server));
