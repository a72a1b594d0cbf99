import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect } from 'vitest';
import type { VolumeWindow } from '@/contract/volume';
import { changesTried, holds, linesAreWhole, type Wanted } from './bad-input';
import { ConsoleProcess } from './console';
import { eventually } from './eventually';
import { type FaultyCluster, startFaultyCluster } from './upstreams';
import { request, sendRaw } from './wire';

/** One request with what it needs, beside what is bad about it; or its bytes. */
export type Sent = { line: string; lines?: string; body?: string; session?: boolean } | string | Buffer;
export type Rows = ReadonlyArray<readonly [what: string, sent: Sent, wanted: Wanted]>;

/** Volumes of the fleet behind it, which makes no change and counts those that are tried. */
const VOLUMES = 10;

/** A console before a fleet, and requests for it that would be right but for what a test puts into them. */
export class Door {
  readonly base = '/api/v1/clusters/c';
  private running: { cluster: FaultyCluster; app: ConsoleProcess } | undefined;
  private seen: { id: string; name: string; etag: string } | undefined;

  get app(): ConsoleProcess {
    if (!this.running) throw new Error('not started');
    return this.running.app;
  }

  /** The first volume. */
  get volume(): { id: string; name: string; etag: string } {
    if (!this.seen) throw new Error('not started');
    return this.seen;
  }

  get host(): string {
    return new URL(this.app.url).host;
  }

  async start(): Promise<void> {
    const cluster = await startFaultyCluster(3, VOLUMES);
    this.running = { cluster, app: await ConsoleProcess.start({ clusters: { c: cluster.core.endpoint } }) };
    const row = await eventually(async () => {
      const [first] = (await this.app.json<VolumeWindow>('c', '/volumes')).rows;
      if (!first) throw new Error('no volume yet');
      return first;
    });
    const etag = (await this.app.get('c', `/volumes/${row.id}`)).headers.get('etag') ?? '';
    this.seen = { id: row.id, name: row.name ?? '', etag };
  }

  async stop(): Promise<void> {
    await this.running?.app.kill();
    await this.running?.cluster.stop();
  }

  key = () => `idempotency-key: ${randomUUID()}\r\n`;
  match = () => `if-match: ${this.volume.etag}\r\n`;
  at = () => `${this.base}/volumes/${this.volume.id}`;
  get = (path: string, lines = ''): Sent => ({ line: `GET ${path}`, lines });
  post = (body: string, lines = ''): Sent => ({
    line: `POST ${this.base}/volumes`,
    lines: `${this.key()}${lines}`,
    body,
  });
  resize = (body: string, lines = this.match()): Sent => ({ line: `PUT ${this.at()}/size`, lines, body });
  count = (body: string): Sent => ({ line: `PUT ${this.at()}/replica-count`, lines: this.match(), body });
  remove = (body: string, lines = this.match()): Sent => ({ line: `DELETE ${this.at()}`, lines, body });

  bytesOf(sent: Sent): string | Buffer {
    if (typeof sent === 'string' || Buffer.isBuffer(sent)) return sent;
    const { line, ...rest } = sent;
    return request(this.app, line, rest);
  }

  /** Sends one after the other; each must be answered as is wanted. */
  async all(rows: Rows): Promise<void> {
    for (const [what, sent, wanted] of rows) holds(await sendRaw(this.app, this.bytesOf(sent), 200), wanted, what);
  }

  /** As `all`, of rows that are all refused alike. */
  refuses(rows: ReadonlyArray<readonly [what: string, sent: Sent]>, wanted: Wanted): Promise<void> {
    return this.all(rows.map(([what, sent]) => [what, sent, wanted] as const));
  }

  /** What holds after all bad input: nothing was done, nothing is broken. */
  async stands(): Promise<void> {
    expect(await changesTried(this.app)).toBe(0);
    linesAreWhole(this.app);
    expect(this.app.uncaught).toEqual([]);
    expect((await this.app.json<VolumeWindow>('c', '/volumes')).total).toBe(VOLUMES);
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  }
}

/** A door of its own for one file of tests. */
export function withDoor(): Door {
  const door = new Door();
  beforeAll(() => door.start());
  afterAll(() => door.stop());
  return door;
}

/** One row for each value that is bad in the same way. */
export const each = (row: number, values: readonly string[], sent: (value: string) => Sent, wanted: Wanted): Rows =>
  named(row, values, sent).map(([what, bad]) => [what, bad, wanted] as const);

/** As `each`, for `refuses`. */
export const named = (
  row: number,
  values: readonly string[],
  sent: (value: string) => Sent,
): Array<[what: string, sent: Sent]> =>
  values.map((value) => [`row ${row}, ${JSON.stringify(value).slice(0, 80)}`, sent(value)]);

/** The body of a creation that would be right, with other values in it. */
export const create = (over: Record<string, unknown>): string =>
  JSON.stringify({ sizeBytes: '1073741824', replicas: 1, thin: true, ...over });

/** The same with a value that JSON.stringify would not write. */
export const raw = (field: string, value: string): string => create({ [field]: '@' }).replace('"@"', value);
