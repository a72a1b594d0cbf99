import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExportedDevice } from './fabric';
import { LoopbackFabric } from './loopback-fabric';
import { parseNvmfUri } from './nvmf-uri';
import { openTarget } from './open-target';

const NQN = 'nqn.2019-05.io.openebs:disk';
const URI = `nvmf://127.0.0.1:8420/${NQN}?uuid=disk`;

/** A device in memory whose writes wait until they are let through. */
class MemoryDevice implements ExportedDevice {
  readonly nqn = NQN;
  readonly sizeBytes = 4096;
  readonly blockSize = 512;
  allowedHosts: string[] = [];
  readonly data = Buffer.alloc(4096);
  private readonly waiting: Array<() => void> = [];
  holds = false;

  async read(offset: number, length: number): Promise<Buffer> {
    return Buffer.from(this.data.subarray(offset, offset + length));
  }
  async write(offset: number, data: Buffer): Promise<void> {
    if (this.holds) await new Promise<void>((resolve) => this.waiting.push(resolve));
    data.copy(this.data, offset);
  }
  async unmap(offset: number, length: number): Promise<void> {
    this.data.fill(0, offset, offset + length);
  }
  letThrough(): void {
    for (const go of this.waiting.splice(0)) go();
  }
}

let fabric: LoopbackFabric;
let device: MemoryDevice;
let isShared = true;
beforeEach(() => {
  fabric = new LoopbackFabric();
  device = new MemoryDevice();
  isShared = true;
});
const listen = () => fabric.listen('127.0.0.1:8420', (nqn) => (nqn === NQN && isShared ? device : undefined));
afterEach(() => device.letThrough());

describe('loopback fabric', () => {
  it('carries reads and writes', async () => {
    await listen();
    const remote = await fabric.connect(URI, 'host');
    await remote.write(512, Buffer.alloc(512, 7));
    expect((await remote.read(512, 512)).every((b) => b === 7)).toBe(true);
  });

  it('never calls back before the caller has gone on', async () => {
    await listen();
    const remote = await fabric.connect(URI, 'host');
    const write = remote.write(0, Buffer.alloc(512, 1));
    expect(device.data[0]).toBe(0);
    await write;
    expect(device.data[0]).toBe(1);
  });

  it('lets nothing of a closed connection reach the device', async () => {
    const listener = await listen();
    const remote = await fabric.connect(URI, 'host');
    listener.hang(true);
    const write = remote.write(0, Buffer.alloc(512, 1));
    await remote.close();
    await expect(write).rejects.toMatchObject({ code: 'connection-lost' });
    listener.hang(false);
    const other = await fabric.connect(URI, 'host');
    expect((await other.read(0, 512)).every((b) => b === 0)).toBe(true);
  });

  it('tells every connection of the loss, and rejects what is in flight', async () => {
    const listener = await listen();
    const remote = await fabric.connect(URI, 'host');
    const losses: string[] = [];
    remote.onLost((e) => losses.push(e.code));
    device.holds = true;
    const write = remote.write(0, Buffer.alloc(512, 1));
    listener.kill();
    await expect(write).rejects.toMatchObject({ code: 'connection-lost' });
    expect(losses).toEqual(['connection-lost']);
    await expect(fabric.connect(URI, 'host')).rejects.toMatchObject({ code: 'connection-lost' });
  });

  it('loses the connection when the device is no longer shared', async () => {
    await listen();
    const remote = await fabric.connect(URI, 'host');
    isShared = false;
    await expect(remote.read(0, 512)).rejects.toMatchObject({ code: 'connection-lost' });
    await expect(fabric.connect(URI, 'host')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('lets only allowed hosts in, and takes the host from the target URI', async () => {
    await listen();
    device.allowedHosts = ['nqn.app'];
    await expect(openTarget(fabric, URI)).rejects.toMatchObject({ code: 'not-allowed' });
    const remote = await openTarget(fabric, `nvmf://127.0.0.1:8420/${NQN}?hostnqn=nqn.app`);
    expect(remote.sizeBytes).toBe(4096);
  });

  it('fences off whoever held the device with another key', async () => {
    await listen();
    const old = await fabric.connect(URI, 'host', { reservationKey: 1n });
    const young = await fabric.connect(URI, 'host', { reservationKey: 2n });
    await expect(old.write(0, Buffer.alloc(512, 1))).rejects.toMatchObject({ code: 'reservation-conflict' });
    await young.write(0, Buffer.alloc(512, 2));
    expect(device.data[0]).toBe(2);
  });

  it('reads the transports that Mayastor writes into URIs', () => {
    for (const scheme of ['nvmf', 'nvmf+tcp', 'nvmf+rdma+tcp']) {
      expect(parseNvmfUri(`${scheme}://10.0.0.1:8420/${NQN}?uuid=1`)).toEqual({ address: '10.0.0.1:8420', nqn: NQN });
    }
    expect(parseNvmfUri(`nvmf://10.0.0.1/${NQN}`)?.address).toBe('10.0.0.1:4420');
    expect(parseNvmfUri('bdev:///x')).toBeUndefined();
  });
});
