// After `npm install` behind a registry that lacks packages of other platforms: npm then leaves them out of the lock file,
// and `npm ci` refuses it. This writes them back with the version that their parent asks for, so that the lock file is whole.
import { readFileSync, writeFileSync } from 'node:fs';

const OS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32', 'sunos', 'aix', 'netbsd', 'openbsd'];
const CPU = {
  armv7: 'arm',
  arm64: 'arm64',
  arm: 'arm',
  x64: 'x64',
  ia32: 'ia32',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  wasm32: 'wasm32',
  loong64: 'loong64',
};

const file = 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8'));
let added = 0;
for (const [place, pkg] of Object.entries({ ...lock.packages })) {
  for (const [name, version] of Object.entries(pkg.optionalDependencies ?? {})) {
    const nested = `${place}/node_modules/${name}`;
    const top = `node_modules/${name}`;
    if (lock.packages[nested] || lock.packages[top]?.version) continue;
    const parts = (name.split('/').pop() ?? '').split('-');
    const os = parts.filter((p) => OS.includes(p));
    const cpu = parts.flatMap((p) => CPU[p] ?? []);
    const libc = parts.some((p) => p.startsWith('musl'))
      ? ['musl']
      : os.includes('linux') && parts.some((p) => p.startsWith('gnu'))
        ? ['glibc']
        : undefined;
    if (os.length === 0 && !cpu.includes('wasm32')) {
      console.error(`lock-platforms: ${name} of ${place} is missing, and its name names no platform`);
      process.exitCode = 1;
      continue;
    }
    lock.packages[top] = {
      version,
      cpu,
      ...(libc ? { libc } : {}),
      optional: true,
      os: os.length > 0 ? os : undefined,
      ...(pkg.dev ? { dev: true } : {}),
    };
    added += 1;
  }
}
for (const pkg of Object.values(lock.packages)) delete pkg.resolved;
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`lock-platforms: ${added} packages of other platforms written back`);
