import { expect, it } from 'vitest';
import type { ExportedDevice } from './fabric';
import { LoopbackFabric } from './loopback-fabric';
import { parseNvmfUri } from './nvmf-uri';

const NQN = 'nqn.2019-05.io.openebs:disk';

it('never calls back before the caller has gone on', async () => {
  const written: number[] = [];
  const device: ExportedDevice = {
    nqn: NQN,
    sizeBytes: 4096,
    blockSize: 512,
    allowedHosts: [],
    read: async (_offset, length) => Buffer.alloc(length),
    write: async (offset) => void written.push(offset),
    unmap: async () => undefined,
  };
  const fabric = new LoopbackFabric();
  await fabric.listen('127.0.0.1:8420', () => device);
  const remote = await fabric.connect(`nvmf://127.0.0.1:8420/${NQN}`, 'host');
  const write = remote.write(512, Buffer.alloc(512, 1));
  expect(written).toEqual([]);
  await write;
  expect(written).toEqual([512]);
});

it('reads the transports that Mayastor writes into URIs', () => {
  for (const scheme of ['nvmf', 'nvmf+tcp', 'nvmf+rdma+tcp']) {
    expect(parseNvmfUri(`${scheme}://10.0.0.1:8420/${NQN}?uuid=1`)).toEqual({ address: '10.0.0.1:8420', nqn: NQN });
  }
  expect(parseNvmfUri(`nvmf://10.0.0.1/${NQN}`)?.address).toBe('10.0.0.1:4420');
  expect(parseNvmfUri('bdev:///x')).toBeUndefined();
});
