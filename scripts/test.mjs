// npm test: browser, build, unit and integration tests (vitest), faults (vitest), browser tests (playwright). Ends with `N passed, N failed`.
// --unit or --e2e runs one half.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = new Set(process.argv.slice(2));
const unknown = [...args].filter((a) => a !== '--unit' && a !== '--e2e');
if (unknown.length > 0) {
  console.error(`npm test: unknown option ${unknown.join(' ')}; known are --unit and --e2e`);
  process.exit(2);
}
const withUnit = !args.has('--e2e');
const withE2e = !args.has('--unit');
const reports = mkdtempSync(path.join(tmpdir(), 'mayastor-console-test-'));
let passed = 0;
let failed = 0;
/** Tests that passed only when they were run again: each is a fault to be mended, of the test or of the code. */
const flaky = [];

const say = (text) => console.log(`\n== ${text}`);

function run(command, argv, env = {}) {
  const result = spawnSync(command, argv, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  if (result.error) console.error(String(result.error));
  return result.status ?? 1;
}

/** Runs a step that is not a test; its failure counts as one. */
function step(text, command, argv, env) {
  say(text);
  if (run(command, argv, env) === 0) return true;
  failed += 1;
  console.error(`failed: ${text}`);
  return false;
}

function findBrowser() {
  const places = [
    process.env.CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  return places.find((p) => p && existsSync(p));
}

/** Finds a browser or installs Debian's; a clear sentence when neither is possible. */
function browser() {
  const found = findBrowser();
  if (found) {
    console.log(`browser: ${found}`);
    return found;
  }
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  console.log(`no browser found: installing Debian's chromium with ${[...sudo, 'apt-get'].join(' ')}`);
  for (const argv of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium'],
  ]) {
    const [command, ...rest] = [...sudo, 'apt-get', ...argv];
    if (run(command, rest, { DEBIAN_FRONTEND: 'noninteractive' }) !== 0) break;
  }
  const installed = findBrowser();
  if (!installed) console.error('No browser could be installed. Install chromium, or set CHROMIUM to the path of one.');
  return installed;
}

function countVitest(file) {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  for (const { assertionResults } of report.testResults)
    for (const { status, fullName, failureMessages } of assertionResults)
      if (status === 'passed' && failureMessages.length > 0)
        flaky.push(`${fullName}: ${failureMessages[0].split('\n')[0]}`);
  passed += report.numPassedTests;
  // A file that does not load has no test to count.
  const broken = report.testResults.filter((r) => r.status === 'failed' && r.assertionResults.length === 0).length;
  failed += report.numFailedTests + report.numPendingTests + broken;
}

function countPlaywright(file) {
  const { stats, errors, suites } = JSON.parse(readFileSync(file, 'utf8'));
  for (const spec of specsOf(suites)) if (spec.tests.some((t) => t.status === 'flaky')) flaky.push(spec.title);
  passed += stats.expected + stats.flaky;
  failed += stats.unexpected + stats.skipped + errors.length;
}

const specsOf = (suites) => suites.flatMap((suite) => [...suite.specs, ...specsOf(suite.suites ?? [])]);

/** Runs a test runner and counts its report; a runner that dies without one is a failure. */
function tests(text, command, argv, report, count, env) {
  say(text);
  const before = failed;
  const status = run(command, argv, env);
  if (existsSync(report)) count(report);
  if (status !== 0 && failed === before) failed += 1;
}

if (step('protocol code', 'node_modules/.bin/buf', ['generate'])) {
  // First, because tests of whole programs take the built ones where they are up to date.
  const isBuilt = withE2e && step('production build', process.execPath, ['scripts/build.mjs']);
  if (withUnit) {
    const report = path.join(reports, 'vitest.json');
    const argv = ['run', '--retry=1', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    tests('unit and integration tests', 'node_modules/.bin/vitest', argv, report, countVitest, {});
  }
  if (isBuilt) {
    const report = path.join(reports, 'faults.json');
    const argv = ['run', '--config', 'faults/vitest.config.ts', '--retry=1', '--reporter=default', '--reporter=json'];
    argv.push(`--outputFile.json=${report}`);
    tests('faults and bad input', 'node_modules/.bin/vitest', argv, report, countVitest, {});
  }
  if (withE2e) {
    const chromium = browser();
    if (!chromium) failed += 1;
    else if (isBuilt) {
      const report = path.join(reports, 'playwright.json');
      tests(
        'browser tests',
        'node_modules/.bin/playwright',
        ['test', '--retries=1', '--reporter=list,json'],
        report,
        countPlaywright,
        {
          CHROMIUM: chromium,
          PLAYWRIGHT_JSON_OUTPUT_NAME: report,
          PLAYWRIGHT_JSON_OUTPUT_FILE: report,
        },
      );
      // Fails when a page's JavaScript has grown beyond its budget (bench/budgets.json).
      step('weight of the pages', 'node_modules/.bin/tsx', ['bench/main.ts', '--short'], { CHROMIUM: chromium });
    }
  }
}

rmSync(reports, { recursive: true, force: true });
if (flaky.length > 0) console.log(`\nflaky, passed when run again:\n${flaky.map((f) => `  ${f}`).join('\n')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
