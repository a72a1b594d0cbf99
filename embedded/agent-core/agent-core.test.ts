import { afterEach, describe, expect, it } from 'vitest';
import { TestCluster } from './testing/test-cluster';

const MIB = 1024 * 1024;
let cluster: TestCluster | undefined;

afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

describe('agent-core over real io-engines', () => {
  it('creates, publishes, unpublishes and destroys a volume', async () => {
    cluster = await TestCluster.start({ nodes: 3 });
    const created = await cluster.createVolume({ replicas: 2n, size: BigInt(32 * MIB) });
    expect(Object.keys(created.state?.replicaTopology ?? {})).toHaveLength(2);
    const id = created.definition?.spec?.uuid ?? '';
    const published = await cluster.publish(id);
    expect(published.state?.target?.deviceUri).toContain(id);
    expect(published.state?.status).toBe(1);
    await cluster.unpublish(id);
    expect((await cluster.getVolume(id)).definition?.spec?.target).toBeUndefined();
    await cluster.destroy(id);
    expect((await cluster.specs()).replicas).toHaveLength(0);
  });
});
