// npm run doctor: explains the configuration (AGENT_CORE or CONFIG, and so on) and tries every upstream; starts nothing.
import { spawnSync } from 'node:child_process';
import { build, root } from './run.mjs';

await build('server');
const { status } = spawnSync(process.execPath, ['dist/server.mjs', 'doctor'], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
