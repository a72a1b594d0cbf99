import { fork } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileStore } from './file-store';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-store-'));
  path = join(folder, 'store.log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('finds after a new start what was put and not what was deleted', async () => {
  const store = await FileStore.open(path);
  await store.put('a/1', 'one');
  await store.put('a/2', 'two\nlines');
  await store.put('b/1', 'other');
  await store.delete('a/1');
  await store.close();
  const again = await FileStore.open(path);
  expect(await again.list('a/')).toEqual([['a/2', 'two\nlines']]);
  expect(await again.get('a/1')).toBeUndefined();
  await again.close();
});

it('cuts off a line that a kill tore, and writes on behind the good ones', async () => {
  const store = await FileStore.open(path);
  await store.put('kept', 'ö');
  await store.close();
  await appendFile(path, '["torn","val');
  const again = await FileStore.open(path);
  expect(await again.get('torn')).toBeUndefined();
  await again.put('next', '2');
  await again.close();
  const third = await FileStore.open(path);
  expect(await third.list('')).toEqual([
    ['kept', 'ö'],
    ['next', '2'],
  ]);
  await third.close();
});

it('refuses a log that is damaged in the middle', async () => {
  await appendFile(path, 'nonsense\n["a","1"]\n');
  await expect(FileStore.open(path)).rejects.toThrow();
});

it('keeps the file small while one key changes often, and loses nothing by it', async () => {
  const store = await FileStore.open(path);
  await store.put('still', 'here');
  for (let round = 0; round < 100; round++)
    await Promise.all(Array.from({ length: 100 }, (_, i) => store.put('hot', `${round}/${i}`)));
  await store.close();
  const lines = (await readFile(path, 'utf8')).split('\n').length;
  expect(lines).toBeLessThan(5_000);
  const again = await FileStore.open(path);
  expect(await again.get('hot')).toBe('99/99');
  expect(await again.get('still')).toBe('here');
  await again.close();
});

it('has every acknowledged write after kill -9', async () => {
  const script = join(folder, 'writer.mts');
  const module = new URL('./file-store.ts', import.meta.url).pathname;
  await appendFile(
    script,
    `import { FileStore } from ${JSON.stringify(module)};
const store = await FileStore.open(${JSON.stringify(path)});
for (let i = 0; ; i++) { await store.put('k' + i, 'v' + i); process.send?.(i); }
`,
  );
  const writer = fork(script, { execArgv: ['--import', 'tsx'], cwd: process.cwd(), stdio: 'ignore' });
  const last = await new Promise<number>((resolve) => {
    let acknowledged = -1;
    writer.on('message', (index: number) => {
      acknowledged = index;
      if (index === 200) writer.kill('SIGKILL');
    });
    writer.on('exit', () => resolve(acknowledged));
  });
  expect(last).toBeGreaterThanOrEqual(200);
  const store = await FileStore.open(path);
  for (let i = 0; i <= last; i++) expect(await store.get(`k${i}`)).toBe(`v${i}`);
  await store.close();
  expect((await stat(path)).size).toBeGreaterThan(0);
});
