import { expect, it } from 'vitest';
import { Kind, Resource, SvcError } from './errors';
import { OperationGuard } from './guard';
import { CreateLimit } from './operations/create-limit';
import { SwapRemoveMap } from './swap-remove-map';

it('refuses a second operation with Conflict after five tries, and only on the same resource', async () => {
  const guard = new OperationGuard(1);
  let finish = () => {};
  const first = guard.run(Resource.Volume, 'a', () => new Promise<void>((resolve) => (finish = resolve)));
  await expect(guard.run(Resource.Volume, 'a', async () => 'in')).rejects.toSatisfy(
    (error) => error instanceof SvcError && error.kind === Kind.Conflict,
  );
  expect(await guard.run(Resource.Pool, 'a', async () => 'in')).toBe('in');
  expect(await guard.tryRun(Resource.Volume, 'a', async () => 'in')).toBeUndefined();
  finish();
  await first;
  expect(await guard.run(Resource.Volume, 'a', async () => 'in')).toBe('in');
});

it('lets ten creations in and turns the eleventh away when nobody leaves in time', async () => {
  const limit = new CreateLimit(5);
  const leave: Array<() => void> = [];
  const running = Array.from({ length: 10 }, (_, i) =>
    limit.run(`v${i}`, () => new Promise<void>((resolve) => leave.push(resolve))),
  );
  await expect(limit.run('late', async () => {})).rejects.toMatchObject({ kind: Kind.Aborted });
  for (const go of leave) go();
  await Promise.all(running);
  expect(await limit.run('next', async () => 'in')).toBe('in');
});

it('moves the last entry into the hole that a delete leaves', () => {
  const map = new SwapRemoveMap<number>();
  for (const [index, key] of ['a', 'b', 'c', 'd'].entries()) map.set(key, index);
  map.delete('b');
  expect(map.values()).toEqual([0, 3, 2]);
  map.delete('c');
  expect(map.values()).toEqual([0, 3]);
  expect(map.get('d')).toBe(3);
  expect(map.page(1, 5)).toEqual([3]);
});
