import { expect, it } from 'vitest';
import { faultsOf, isUnderFloor } from './supply-chain.mjs';

it.each<[string, string[], boolean]>([
  ['16.3.2', ['16.3.3'], true],
  ['16.3.3', ['16.3.3'], false],
  ['16.4.0', ['16.3.3'], false],
  ['17.0.0', ['16.3.3'], false],
  ['15.9.9', ['16.3.3'], true],
  ['16.3.3-canary.1', ['16.3.3'], true],
  ['7.5.5', ['7.5.6', '8.0.2'], true],
  ['7.6.0', ['7.5.6', '8.0.2'], false],
  ['8.0.1', ['7.5.6', '8.0.2'], true],
  ['9.0.0', ['7.5.6', '8.0.2'], false],
])('%s under the floors %j: %s', (version, floors, want) => {
  expect(isUnderFloor(version, floors)).toBe(want);
});

interface Input {
  manifest: { dependencies: Record<string, string>; devDependencies: object; scripts: Record<string, string> };
  lock: { packages: Record<string, object> };
  npmrc: string;
  rules: { floors: Record<string, string[]>; licences: string[]; mostRuntimeDependencies: number };
}

const sound: Input = {
  manifest: { dependencies: { a: '1.0.0' }, devDependencies: {}, scripts: {} },
  lock: { packages: { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-x', license: 'MIT' } } },
  npmrc: 'ignore-scripts=true\nsave-exact=true\n',
  rules: { floors: { a: ['1.0.0'] }, licences: ['MIT'], mostRuntimeDependencies: 1 },
};
const withPackage = (change: object): Input => ({
  ...sound,
  lock: {
    packages: {
      ...sound.lock.packages,
      'node_modules/b/node_modules/a': { version: '1.0.0', integrity: 'x', license: 'MIT', ...change },
    },
  },
});

it.each<[string, Input, RegExp]>([
  ['a range', { ...sound, manifest: { ...sound.manifest, dependencies: { a: '^1.0.0' } } }, /a is not pinned/],
  [
    'one dependency more',
    { ...sound, manifest: { ...sound.manifest, dependencies: { a: '1.0.0', b: '1.0.0' } } },
    /2 runtime/,
  ],
  [
    'scripts at installation',
    { ...sound, manifest: { ...sound.manifest, scripts: { postinstall: 'x' } } },
    /postinstall/,
  ],
  ['scripts of others', { ...sound, npmrc: 'save-exact=true\n' }, /ignore-scripts/],
  ['no hash', withPackage({ integrity: undefined }), /no integrity/],
  ['another source', withPackage({ resolved: 'https://evil.example/a.tgz' }), /comes from/],
  ['a version under its floor, however deep', withPackage({ version: '0.9.0' }), /below its floor/],
  ['an unknown licence', withPackage({ license: 'MIT AND SSPL-1.0' }), /SSPL-1.0/],
  ['no licence', withPackage({ license: undefined }), /licence none/],
])('refuses %s', (_what, input, want) => {
  expect(faultsOf(sound)).toEqual([]);
  expect(faultsOf(input).join('\n')).toMatch(want);
});
