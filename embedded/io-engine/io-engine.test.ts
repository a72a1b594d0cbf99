import { Server, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RegisterRequest } from '@/gen/mayastor/v1/common';
import type {
  GetMayastorResourceUsageResponse,
  ListBlockDevicesResponse,
  MayastorInfoResponse,
} from '@/gen/mayastor/v1/host';
import { RegistrationService } from '@/gen/mayastor/v1/registration';
import type { NexusIoStatsResponse, PoolIoStatsResponse, ReplicaIoStatsResponse } from '@/gen/mayastor/v1/stats';
import { NO_MINIMUM } from './io-stats';
import { call, MIB, pattern, TestCluster, until } from './testing';

let cluster: TestCluster;
beforeEach(() => {
  cluster = new TestCluster();
});
afterEach(() => cluster.stop());

describe('io-engine', () => {
  it('counts every I/O exactly, and forgets on reset', async () => {
    const node = await cluster.node();
    await node.createPool();
    const replica = await node.createReplica(8 * MIB);
    const nexus = await node.createNexus(8 * MIB, [replica.uri], { name: 'f0e1d2c3-0000-4000-8000-000000000001' });
    const device = await cluster.open(nexus);
    for (let i = 0; i < 10; i++) await device.write(i * 4096, pattern(4096, i));
    for (let i = 0; i < 5; i++) await device.read(i * 8192, 8192);
    await device.unmap(0, 4096);

    const pools = await call<PoolIoStatsResponse>((cb) => node.stats.getPoolIoStats({}, cb));
    const nexuses = await call<NexusIoStatsResponse>((cb) => node.stats.getNexusIoStats({ name: nexus.name }, cb));
    const replicas = await call<ReplicaIoStatsResponse>((cb) => node.stats.getReplicaIoStats({}, cb));
    const exact = { numReadOps: 5n, bytesRead: 40960n, numWriteOps: 10n, bytesWritten: 40960n, numUnmapOps: 1n };
    expect(nexuses.stats[0]).toMatchObject({ ...exact, bytesUnmapped: 4096n, uuid: nexus.uuid, name: nexus.name });
    expect(replicas.stats[0]?.stats).toMatchObject({ ...exact, uuid: replica.uuid });
    // The disk sees the unmap of a part of a cluster as a write of zeroes.
    expect(pools.stats[0]).toMatchObject({ name: 'pool', numReadOps: 5n, numWriteOps: 11n, bytesWritten: 45056n });
    const s = nexuses.stats[0];
    expect(s?.tickRate).toBe(1_000_000_000n);
    expect(BigInt(s?.minWriteLatencyTicks ?? 0)).toBeGreaterThan(0n);
    expect(BigInt(s?.writeLatencyTicks ?? 0)).toBeGreaterThanOrEqual(BigInt(s?.maxWriteLatencyTicks ?? 0));

    await call((cb) => node.stats.resetIoStats({}, cb));
    const after = await call<NexusIoStatsResponse>((cb) => node.stats.getNexusIoStats({}, cb));
    expect(after.stats[0]).toMatchObject({ numReadOps: 0n, minReadLatencyTicks: NO_MINIMUM, maxReadLatencyTicks: 0n });
    const unknown = call((cb) => node.stats.getNexusIoStats({ name: 'nobody' }, cb));
    await expect(unknown).rejects.toMatchObject({ code: 5 });
    expect((await call<PoolIoStatsResponse>((cb) => node.stats.getPoolIoStats({ name: 'nobody' }, cb))).stats).toEqual(
      [],
    );
  });

  it('measures a slow disk as latency', async () => {
    const node = await cluster.node();
    await node.createPool();
    const replica = await node.createReplica(8 * MIB, { shared: true });
    const device = await cluster.fabric.connect(replica.uri, 'any');
    node.engine.faults.slowDisk(node.disk, 30);
    await device.write(0, pattern(4096, 1));
    const { stats } = await call<ReplicaIoStatsResponse>((cb) => node.stats.getReplicaIoStats({}, cb));
    expect(BigInt(stats[0]?.stats?.maxWriteLatencyTicks ?? 0)).toBeGreaterThan(28_000_000n);
  });

  it('lets a write of a connection that ended have no effect, however late the disk is', async () => {
    const node = await cluster.node();
    await node.createPool();
    const replica = await node.createReplica(8 * MIB, { shared: true });
    const device = await cluster.fabric.connect(replica.uri, 'any');
    node.engine.faults.slowDisk(node.disk, 60);
    const late = device.write(0, pattern(512, 1));
    // The second I/O starts later and takes as long: when it is done, the first has had its turn.
    const probe = await cluster.fabric.connect(replica.uri, 'any');
    const second = probe.read(4096, 512);
    await call((cb) => setTimeout(() => cb(null, undefined), 20));
    await device.close();
    await expect(late).rejects.toMatchObject({ code: 'connection-lost' });
    await second;
    expect((await probe.read(0, 512)).equals(Buffer.alloc(512))).toBe(true);
  });

  it('tells who it is, its disks in sectors, and what it uses', async () => {
    const node = await cluster.node(100 * MIB, { version: '2.7.1', instanceUuid: 'instance-1' });
    const info = await call<MayastorInfoResponse>((cb) => node.host.getMayastorInfo({}, cb));
    expect(info.registrationInfo).toMatchObject({
      id: 'node-1',
      grpcEndpoint: node.engine.grpcAddress,
      instanceUuid: 'instance-1',
      hostnqn: 'nqn.2019-05.io.openebs:node-name:node-1',
    });
    const { devices } = await call<ListBlockDevicesResponse>((cb) => node.host.listBlockDevices({ all: false }, cb));
    expect(devices).toMatchObject([{ devname: node.disk, size: BigInt((100 * MIB) / 512), available: true }]);
    const { usage } = await call<GetMayastorResourceUsageResponse>((cb) => node.host.getMayastorResourceUsage({}, cb));
    expect(BigInt(usage?.softFaults ?? 0)).toBeGreaterThan(0n);
  });

  it('registers again and again, also with an agent-core that was away, and says goodbye', async () => {
    const seen: string[] = [];
    let goodbye = '';
    const serve = async (address: string) => {
      const server = new Server();
      server.addService(RegistrationService, {
        register: (c: { request: RegisterRequest }, cb: (e: null, r: object) => void) => {
          seen.push(c.request.id);
          cb(null, {});
        },
        deregister: (c: { request: { id: string } }, cb: (e: null, r: object) => void) => {
          goodbye = c.request.id;
          cb(null, {});
        },
      });
      const port = await new Promise<number>((resolve, reject) => {
        server.bindAsync(address, ServerCredentials.createInsecure(), (e, p) => (e ? reject(e) : resolve(p)));
      });
      return { server, address: `127.0.0.1:${port}` };
    };
    const first = await serve('127.0.0.1:0');
    const node = await cluster.node(100 * MIB, { agentCore: first.address });
    await until(async () => seen.length >= 2);
    first.server.forceShutdown();
    seen.length = 0;
    const second = await serve(first.address);
    await until(async () => seen.length >= 2);
    await node.engine.stop();
    expect(goodbye).toBe('node-1');
    second.server.forceShutdown();
  });

  it('accepts and never answers while it hangs', async () => {
    const node = await cluster.node();
    node.engine.faults.hang(true);
    const client = node.host;
    const hung = call((cb) => client.getMayastorInfo({}, cb));
    const answer = await Promise.race([hung, call((cb) => setTimeout(() => cb(null, 'silence'), 100))]);
    expect(answer).toBe('silence');
    node.engine.faults.hang(false);
    expect(await hung).toMatchObject({ version: '2.7.1' });
  });
});
