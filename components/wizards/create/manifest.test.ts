import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { CreateVolume } from '@/contract/volume';
import { manifestOf } from './manifest';

const volume = (change: object = {}) =>
  CreateVolume.parse({ name: 'Shop_DB', sizeBytes: String(10n << 30n), thin: true, replicas: 3, ...change });

const docs = (text: string) => parseAllDocuments(text).map((d) => d.toJS());

describe('manifestOf', () => {
  it('is valid YAML with string parameters, as a StorageClass demands', () => {
    const [sc, pvc] = docs(manifestOf(volume({ nodeSpread: ['zone'], poolInclusion: { disk: 'ssd' } })));
    expect(sc.parameters).toEqual({
      protocol: 'nvmf',
      repl: '3',
      thin: 'true',
      poolAffinityTopologyLabel: 'disk: ssd\n',
      nodeSpreadTopologyKey: 'zone\n',
    });
    expect(pvc.spec.resources.requests.storage).toBe('10Gi');
    expect(pvc.spec.storageClassName).toBe(sc.metadata.name);
  });

  it('gives a size that no unit divides in bytes', () => {
    const [, pvc] = docs(manifestOf(volume({ sizeBytes: String((1n << 30n) + 512n) })));
    expect(pvc.spec.resources.requests.storage).toBe(1073742336);
  });

  it('says what Kubernetes cannot be asked for', () => {
    expect(manifestOf(volume({ selfHeal: false, labels: { a: 'b' } }))).toMatch(/self-healing is always on/);
    expect(manifestOf(volume())).not.toMatch(/#/);
  });
});
