import { once } from 'node:events';
import { createConnection } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExportedDevice, Fabric, FabricListener, RemoteDevice } from './fabric';
import { LoopbackFabric } from './loopback-fabric';
import { openTarget } from './open-target';
import { TcpFabric } from './tcp-fabric';

const NQN = 'nqn.2019-05.io.openebs:disk';

/** A device in memory whose writes wait until they are let through. */
class MemoryDevice implements ExportedDevice {
  readonly nqn = NQN;
  sizeBytes = 4096;
  readonly blockSize = 512;
  allowedHosts: string[] = [];
  readonly data = Buffer.alloc(4 * 1024 * 1024);
  /** Offsets of the writes in the order in which they began. */
  readonly began: number[] = [];
  private readonly waiting: Array<() => void> = [];
  private readonly watchers: Array<() => void> = [];
  holds = false;

  async read(offset: number, length: number): Promise<Buffer> {
    return Buffer.from(this.data.subarray(offset, offset + length));
  }
  async write(offset: number, data: Buffer, signal?: AbortSignal): Promise<void> {
    this.began.push(offset);
    for (const watcher of this.watchers.splice(0)) watcher();
    if (this.holds) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (!signal?.aborted) data.copy(this.data, offset);
  }
  async unmap(offset: number, length: number): Promise<void> {
    this.data.fill(0, offset, offset + length);
  }
  /** Resolves when a write has reached the device. */
  async nextWrite(): Promise<void> {
    await new Promise<void>((resolve) => this.watchers.push(resolve));
  }
  letThrough(): void {
    this.holds = false;
    for (const go of this.waiting.splice(0)) go();
  }
}

const block = (value: number) => Buffer.alloc(512, value);
const settled = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: { code?: string }) => error.code,
  );

let device: MemoryDevice;
let isShared: boolean;
let listener: FabricListener;
let uri: string;
const open: RemoteDevice[] = [];
beforeEach(() => {
  device = new MemoryDevice();
  isShared = true;
});
afterEach(async () => {
  device.letThrough();
  listener.hang(false);
  await Promise.all(open.splice(0).map((remote) => remote.close()));
  await listener.close();
});

describe.each<[string, () => Fabric, string]>([
  ['in one process', () => new LoopbackFabric(), '127.0.0.1:8420'],
  ['over TCP', () => new TcpFabric(), '127.0.0.1:0'],
])('fabric %s', (_name, make, address) => {
  let fabric: Fabric;
  beforeEach(async () => {
    fabric = make();
    listener = await fabric.listen(address, (nqn) => (nqn === NQN && isShared ? device : undefined));
    uri = `nvmf://${listener.address}/${NQN}?uuid=disk`;
  });
  const connect = async (key?: bigint) => {
    const remote = await fabric.connect(uri, 'host', { reservationKey: key });
    open.push(remote);
    return remote;
  };

  it('carries reads, writes and unmaps, in small and in large', async () => {
    const remote = await connect();
    await remote.write(512, block(7));
    expect((await remote.read(512, 512)).equals(block(7))).toBe(true);
    const large = Buffer.alloc(3 * 1024 * 1024, 'abcdefg');
    await remote.write(4096, large);
    expect((await remote.read(4096, large.length)).equals(large)).toBe(true);
    await remote.unmap(512, 512);
    expect((await remote.read(512, 512)).equals(block(0))).toBe(true);
    expect(await remote.allocated()).toEqual([{ offset: 0, length: 4096 }]);
  });

  it('starts the commands of a connection in the order in which they were given', async () => {
    const remote = await connect();
    const offsets = Array.from({ length: 8 }, (_, i) => i * 512);
    await Promise.all(offsets.map((offset) => remote.write(offset, block(1))));
    expect(device.began).toEqual(offsets);
  });

  it('follows the size of the device', async () => {
    const remote = await connect();
    expect(remote.sizeBytes).toBe(4096);
    device.sizeBytes = 8192;
    expect(await remote.identify()).toBe(8192);
    expect(remote.sizeBytes).toBe(8192);
  });

  it('passes on the error of the device, and goes on', async () => {
    const remote = await connect();
    await expect(
      remote.snapshot({ uuid: '', name: '', entityId: '', txnId: '', timestampMs: 0 }),
    ).rejects.toMatchObject({ code: 'not-allowed' });
    await remote.write(0, block(1));
  });

  it('lets nothing of a closed connection reach the device', async () => {
    const remote = await connect();
    listener.hang(true);
    const write = settled(remote.write(0, block(1)));
    await remote.close();
    expect(await write).toBe('connection-lost');
    listener.hang(false);
    const other = await connect();
    expect((await other.read(0, 512)).equals(block(0))).toBe(true);
    await expect(remote.read(0, 512)).rejects.toMatchObject({ code: 'connection-lost' });
  });

  it('drops what is still held up at the device when its connection closes', async () => {
    const remote = await connect();
    device.holds = true;
    const reached = device.nextWrite();
    const write = settled(remote.write(0, block(1)));
    await reached;
    await remote.close();
    expect(await write).toBe('connection-lost');
    device.letThrough();
    const other = await connect();
    await other.write(512, block(2));
    expect(device.data[0]).toBe(0);
  });

  it('tells every connection of the loss, and rejects what is in flight', async () => {
    const remote = await connect();
    const loss = new Promise<string>((resolve) => remote.onLost((error) => resolve(error.code)));
    device.holds = true;
    const reached = device.nextWrite();
    const write = settled(remote.write(0, block(1)));
    await reached;
    listener.kill();
    expect(await write).toBe('connection-lost');
    expect(await loss).toBe('connection-lost');
    await expect(fabric.connect(uri, 'host')).rejects.toMatchObject({ code: 'connection-lost' });
  });

  it('loses the connection when the device is no longer shared', async () => {
    const remote = await connect();
    isShared = false;
    await expect(remote.read(0, 512)).rejects.toMatchObject({ code: 'connection-lost' });
    await expect(fabric.connect(uri, 'host')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('lets only allowed hosts in, and takes the host from the target URI', async () => {
    device.allowedHosts = ['nqn.app'];
    await expect(openTarget(fabric, uri)).rejects.toMatchObject({ code: 'not-allowed' });
    const remote = await openTarget(fabric, `nvmf://${listener.address}/${NQN}?hostnqn=nqn.app`);
    open.push(remote);
    expect(remote.sizeBytes).toBe(4096);
  });

  it('fences off whoever held the device with another key', async () => {
    const old = await connect(1n);
    const young = await connect(2n);
    await expect(old.write(0, block(1))).rejects.toMatchObject({ code: 'reservation-conflict' });
    await young.write(0, block(2));
    expect(device.data[0]).toBe(2);
  });
});

describe('fabric over TCP', () => {
  let fabric: TcpFabric;
  const strangers: boolean[] = [];
  beforeEach(async () => {
    strangers.length = 0;
    fabric = new TcpFabric((_remote, isNvmeTcp) => strangers.push(isNvmeTcp));
    listener = await fabric.listen('127.0.0.1:0', () => device);
    uri = `nvmf://${listener.address}/${NQN}`;
  });
  const dial = async () => {
    const socket = createConnection(Number(listener.address.split(':')[1]), '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };

  it('does not let a write of an earlier process land after the target was opened anew', async () => {
    // The same target, so the same key: the reservation alone would not keep the two apart.
    const before = await fabric.connect(uri, 'host', { reservationKey: 1n });
    device.holds = true;
    const reached = device.nextWrite();
    const late = settled(before.write(0, block(1)));
    await reached;
    const restarted = new TcpFabric();
    const after = await restarted.connect(uri, 'host', { reservationKey: 1n });
    open.push(after);
    device.letThrough();
    await after.write(0, block(2));
    expect(await late).toBe('connection-lost');
    expect(device.data[0]).toBe(2);
  });

  it('answers a real NVMe/TCP host in its own protocol that it is not served', async () => {
    const socket = await dial();
    const icreq = Buffer.alloc(128);
    icreq.writeUInt8(128, 2);
    icreq.writeUInt32LE(128, 4);
    socket.write(icreq);
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part);
    const answer = Buffer.concat(parts);
    // C2HTermReq, unsupported parameter, the version field at 8; then what was sent.
    expect([answer[0], answer[2], answer.readUInt32LE(4)]).toEqual([3, 24, 24 + 128]);
    expect([answer.readUInt16LE(8), answer.readUInt32LE(10)]).toEqual([6, 8]);
    expect(answer.subarray(24).equals(icreq)).toBe(true);
    expect(strangers).toEqual([true]);
  });

  it.each(['GET / HTTP/1.1\r\n\r\n'.padEnd(64), 'MYF1'.padEnd(64, '\xff')])(
    'closes the connection of whoever speaks something else',
    async (greeting) => {
      const socket = await dial();
      socket.on('error', () => undefined);
      socket.write(greeting, 'latin1');
      socket.resume();
      await once(socket, 'close');
      expect(strangers).toEqual([false]);
    },
  );

  it('says who holds the port', async () => {
    await expect(new TcpFabric().listen(listener.address, () => undefined)).rejects.toMatchObject({ code: 'busy' });
  });
});
