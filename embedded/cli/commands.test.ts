import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { timings } from '@/embedded/timing';
import { agentCoreOptions } from './agent-core-command';
import { BadArguments } from './arguments';
import { openDataFolder } from './data-folder';
import { ioEngineOptions } from './io-engine-command';

const ENGINE = ['--name', 'n1', '--agent-core', 'core:50051'];

describe('io-engine flags', () => {
  it('are Mayastor’s ports and clocks unless told otherwise', () => {
    const options = ioEngineOptions(ENGINE);
    expect(options).toMatchObject({ grpcPort: 10_124, fabricPort: 8_420, disks: [], timings: timings(1) });
    expect(options.timings.registrationIntervalMs).toBe(5_000);
  });

  it('name disks with their sizes', () => {
    const { disks } = ioEngineOptions([...ENGINE, '--disk', '/d/a:10GiB', '--disk', '/d/b:c:512', '--disk', '/d/e:2m']);
    expect(disks).toEqual([
      { path: '/d/a', sizeBytes: 10 * 1024 ** 3 },
      { path: '/d/b:c', sizeBytes: 512 },
      { path: '/d/e', sizeBytes: 2 * 1024 ** 2 },
    ]);
  });

  it.each([
    [['--agent-core', 'core:1'], /--name is missing/],
    [['--name', 'n1'], /--agent-core is missing/],
    [['--name', 'not a name', '--agent-core', 'core:1'], /--name must be a host name/],
    [['--name', 'n1', '--agent-core', 'http://core:1'], /--agent-core must be host:port/],
    [['--name', 'n1', '--agent-core', 'core'], /--agent-core must be host:port/],
    [[...ENGINE, '--grpc-port', '70000'], /--grpc-port must be a number from 0 to 65535/],
    [[...ENGINE, '--disk', '/d/a'], /--disk must be FILE:SIZE/],
    [[...ENGINE, '--disk', '/d/a:10XB'], /--disk must be FILE:SIZE/],
    [[...ENGINE, '--disk', '/d/a:100'], /--disk must be FILE:SIZE/],
    [[...ENGINE, '--disk', '/d/a:1M', '--disk', '/d/../d/a:1M'], /names \/d\/a twice/],
    [[...ENGINE, '--nonsense'], /nonsense/],
  ])('are refused in one line: %j', (args, line) => {
    expect(() => ioEngineOptions(args)).toThrow(BadArguments);
    expect(() => ioEngineOptions(args)).toThrow(line);
  });
});

describe('agent-core flags', () => {
  it('are Mayastor’s port and clocks unless told otherwise, each clock by itself', () => {
    expect(agentCoreOptions(['--data', 'd'])).toMatchObject({
      port: 50_051,
      timings: timings(1),
      partialRebuild: true,
      highAvailability: true,
      maxRebuilds: undefined,
    });
    const { timings: clock } = agentCoreOptions(
      '--data d --time-factor 10 --deadline 2.5s --faulted-child-wait-period 3m --cache-period 200ms'.split(' '),
    );
    expect(clock).toEqual({
      ...timings(10),
      nodeDeadlineMs: 2_500,
      faultedChildWaitMs: 180_000,
      cachePeriodMs: 200,
    });
  });

  it.each([
    [[], /--data is missing/],
    [['--data', 'd', '--deadline', '10'], /--deadline must be a time such as/],
    [['--data', 'd', '--time-factor', '0'], /--time-factor must be a number from 0.1 to 100/],
    [['--data', 'd', '--max-rebuilds', 'x'], /--max-rebuilds must be a number/],
  ])('are refused in one line: %j', (args, line) => {
    expect(() => agentCoreOptions(args)).toThrow(line);
  });
});

describe('data folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'data-folder-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps a second process out while it is open', async () => {
    const first = await openDataFolder(folder);
    await first.store.put('k', 'v');
    await expect(openDataFolder(folder)).rejects.toThrow(`${folder} is in use by process ${process.pid}`);
    await first.close();
    const second = await openDataFolder(folder);
    expect(await second.store.get('k')).toBe('v');
    await second.close();
  });

  it.each([
    ['of a process that is gone', '999999999 17'],
    ['of another process that had the number before', `${process.pid} 1`],
    ['cut off', ''],
  ])('opens in spite of a lock %s', async (_what, content) => {
    writeFileSync(path.join(folder, 'lock'), content);
    const opened = await openDataFolder(folder);
    await opened.close();
  });

  it('says what is wrong with a damaged store, and lets go of the folder', async () => {
    writeFileSync(path.join(folder, 'store.log'), 'nonsense\n["a","1"]\n');
    await expect(openDataFolder(folder)).rejects.toThrow();
    writeFileSync(path.join(folder, 'store.log'), '');
    await (await openDataFolder(folder)).close();
  });
});
