// Rules for what the console is made of; check-supply-chain.mjs applies them to the repository.

/** Whether version `a` is below `b`; numbers only, as floors have. */
function isBelow(a, b) {
  const [x, y] = [a, b].map((v) => v.split(/[.+-]/).slice(0, 3).map(Number));
  for (let i = 0; i < 3; i += 1) if (x[i] !== y[i]) return x[i] < y[i];
  return a.includes('-'); // a pre-release comes before its release
}

/** A version passes when it reaches the floor of its major line, or that of the lowest line above which all are mended. */
export function isUnderFloor(version, floors) {
  const major = (v) => Number(v.split('.')[0]);
  const own = floors.filter((f) => major(f) === major(version));
  if (own.length > 0) return own.some((f) => isBelow(version, f));
  return isBelow(version, floors[floors.length - 1]);
}

const nameOf = (place) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** Everything that is wrong, a sentence each. */
export function faultsOf({ manifest, lock, npmrc, rules }) {
  const faults = [];
  const all = { ...manifest.dependencies, ...manifest.devDependencies };
  for (const [name, version] of Object.entries(all))
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) faults.push(`${name} is not pinned: ${version}`);
  const count = Object.keys(manifest.dependencies ?? {}).length;
  if (count > rules.mostRuntimeDependencies)
    faults.push(`${count} runtime dependencies, at most ${rules.mostRuntimeDependencies}`);
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
    if (manifest.scripts?.[name]) faults.push(`a script runs at installation: ${name}`);
  for (const line of ['ignore-scripts=true', 'save-exact=true'])
    if (!npmrc.split('\n').includes(line)) faults.push(`.npmrc lacks ${line}`);
  for (const [place, pkg] of Object.entries(lock.packages)) {
    if (place === '' || pkg.link) continue;
    const name = nameOf(place);
    // Behind some registries npm does not see packages of other platforms, and cannot know their hash (lock-platforms.mjs).
    const isElsewhere = pkg.optional && (pkg.os || pkg.cpu);
    if (!pkg.integrity && !isElsewhere) faults.push(`${name} ${pkg.version} has no integrity in the lock file`);
    if (pkg.resolved && !pkg.resolved.startsWith('https://registry.npmjs.org/'))
      faults.push(`${name} comes from ${pkg.resolved}`);
    if (Object.hasOwn(rules.floors, name) && isUnderFloor(pkg.version, rules.floors[name]))
      faults.push(`${name} ${pkg.version} is below its floor ${rules.floors[name].join(' or ')}`);
    for (const licence of licencesOf(pkg))
      if (!rules.licences.includes(licence))
        faults.push(`${name} has the licence ${licence}, which nobody has looked at`);
  }
  return faults;
}

/** Licence names of an SPDX expression. Without one only packages of other platforms are: their parent's holds for them. */
function licencesOf(pkg) {
  if (!pkg.license) return pkg.optional && (pkg.os || pkg.cpu) ? [] : ['none'];
  return pkg.license.split(/\s+(?:AND|OR)\s+/).map((part) => part.replace(/[()]/g, ''));
}

/** docs/third-party.md: what runs in the image, with versions and licences. */
export function thirdPartyList(lock) {
  const rows = Object.entries(lock.packages)
    .filter(([place, pkg]) => place !== '' && !pkg.dev && !pkg.optional && !pkg.devOptional)
    .map(([place, pkg]) => `- ${nameOf(place)} ${pkg.version}: ${pkg.license ?? 'not stated'}`);
  const unique = [...new Set(rows)].sort();
  return `# Third-party packages

What runs beside the console's own code in the image, from the lock file. \`npm run check\` compares this list with it;
\`node scripts/check-supply-chain.mjs --write\` makes it anew, and \`npm run sbom\` prints a CycloneDX bill of materials.

${unique.join('\n')}
`;
}
