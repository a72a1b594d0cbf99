import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from './config';

const none = (path: string): string => {
  throw Object.assign(new Error(path), { code: 'ENOENT' });
};
const file = (yaml: string) => () => yaml;
const message = (env: Record<string, string>, read = none): string => {
  try {
    loadConfig(env, read);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'no error';
};

describe('loadConfig', () => {
  it('takes one cluster from AGENT_CORE and listens on loopback by default', () => {
    expect(loadConfig({ AGENT_CORE: 'core:50051' }, none)).toEqual({
      host: '127.0.0.1',
      port: 4200,
      clusters: [{ id: 'default', name: 'Mayastor', agentCore: 'core:50051' }],
    });
  });

  it.each([
    ['https://core:50051', 'core:50051'],
    ['http://10.0.0.1:50051/', '10.0.0.1:50051'],
    ['[fd00::1]:50051', '[fd00::1]:50051'],
  ])('takes %s as %s', (given, address) => {
    expect(loadConfig({ AGENT_CORE: given }, none).clusters[0]?.agentCore).toBe(address);
  });

  it('takes several clusters from a file', () => {
    const yaml =
      'clusters:\n  - { id: a, name: First, agentCore: "core-a:50051" }\n  - { id: b, agentCore: "core-b:50051" }';
    expect(loadConfig({ CONFIG: '/c.yaml', PORT: '0', HOST: '0.0.0.0' }, file(yaml))).toEqual({
      host: '0.0.0.0',
      port: 0,
      clusters: [
        { id: 'a', name: 'First', agentCore: 'core-a:50051' },
        { id: 'b', name: 'b', agentCore: 'core-b:50051' },
      ],
    });
  });

  it.each<[string, Record<string, string>, string | undefined, RegExp]>([
    ['nothing set', {}, undefined, /set AGENT_CORE=host:port or CONFIG=/],
    ['both set', { AGENT_CORE: 'a:1', CONFIG: '/c' }, undefined, /both set/],
    ['no port', { AGENT_CORE: 'core' }, undefined, /^AGENT_CORE: must be host:port/],
    ['another scheme', { AGENT_CORE: 'unix:/run/core:1' }, undefined, /^AGENT_CORE: must be host:port/],
    ['a port too large', { AGENT_CORE: 'core:70000' }, undefined, /^AGENT_CORE: .*65535/],
    ['PORT not a number', { AGENT_CORE: 'core:1', PORT: '4200x' }, undefined, /^PORT: /],
    ['PORT too large', { AGENT_CORE: 'core:1', PORT: '65536' }, undefined, /^PORT: /],
    ['HOST odd', { AGENT_CORE: 'core:1', HOST: 'a b' }, undefined, /^HOST: /],
    ['no such file', { CONFIG: '/c.yaml' }, undefined, /^CONFIG \/c.yaml: no such file$/],
    ['not YAML', { CONFIG: '/c' }, 'clusters: [', /not YAML/],
    ['an empty file', { CONFIG: '/c' }, '', /the file: /],
    ['no clusters', { CONFIG: '/c' }, 'clusters: []', /clusters: must name at least one cluster/],
    [
      'an unknown key',
      { CONFIG: '/c' },
      'clusterz: []\nclusters: [{id: a, agentCore: "a:1"}]',
      /: clusterz: unknown key/,
    ],
    [
      'an unknown key inside',
      { CONFIG: '/c' },
      'clusters: [{id: a, agentCore: "a:1", tls: on}]',
      /: clusters\[0\]\.tls: unknown key/,
    ],
    ['a wrong type', { CONFIG: '/c' }, 'clusters: [{id: a, agentCore: 5}]', /: clusters\[0\]\.agentCore: /],
    [
      'a bad address',
      { CONFIG: '/c' },
      'clusters: [{id: a, agentCore: "a"}]',
      /clusters\[0\]\.agentCore: must be host:port/,
    ],
    [
      'an id twice',
      { CONFIG: '/c' },
      'clusters: [{id: a, agentCore: "a:1"}, {id: a, agentCore: "b:1"}]',
      /clusters\[1\]\.id: "a" is there twice/,
    ],
    ['an id unfit for a URL', { CONFIG: '/c' }, 'clusters: [{id: "a/b", agentCore: "a:1"}]', /clusters\[0\]\.id: /],
  ])('says in one line what is wrong: %s', (_what, env, yaml, expected) => {
    const text = message(env, yaml === undefined ? none : file(yaml));
    expect(text).toMatch(expected);
    expect(text).not.toMatch(/\n/);
  });
});
