import { randomUUID } from 'node:crypto';
import { expect } from '@playwright/test';
import type { z } from 'zod';
import { Operation } from '../contract/operation';
import { Volume } from '../contract/volume';
import type { Console } from './fixtures';

const base = (app: Console) => `${app.url}/api/v1/clusters/default`;

async function ask<T extends z.ZodType>(
  app: Console,
  schema: T,
  url: string,
  init?: RequestInit,
): Promise<z.output<T>> {
  const res = await fetch(url, { ...init, headers: { ...app.session.headers, ...init?.headers } });
  const text = await res.text();
  if (!res.ok) throw new Error(`${init?.method ?? 'GET'} ${url}: ${res.status} ${text}`);
  return schema.parse(JSON.parse(text));
}

/** A volume as the API tells it. */
export const volume = (app: Console, id: string) => ask(app, Volume, `${base(app)}/volumes/${id}`);

/** Waits until the volume is as wanted. */
export async function untilVolume(app: Console, id: string, what: string, is: (v: Volume) => boolean): Promise<Volume> {
  let last: Volume | undefined;
  await expect
    .poll(
      async () => {
        last = await volume(app, id).catch(() => undefined);
        return last !== undefined && is(last);
      },
      { message: what, timeout: 150_000 },
    )
    .toBe(true);
  if (!last) throw new Error(what);
  return last;
}

/** Makes and publishes a thin volume of 1 GiB by the API, for tests whose subject is something else. */
export async function makeVolume(
  app: Console,
  name: string,
  wish: { replicas: number; node?: string },
): Promise<string> {
  const started = await ask(app, Operation, `${base(app)}/volumes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({
      name,
      sizeBytes: String(2 ** 30),
      thin: true,
      replicas: wish.replicas,
      publish: wish.node ? { node: wish.node } : {},
    }),
  });
  const id = started.volume;
  if (!id) throw new Error('an operation without a volume');
  await untilVolume(app, id, `${name} is made and published`, (v) => v.row.status === 'online' && v.target !== null);
  return id;
}
