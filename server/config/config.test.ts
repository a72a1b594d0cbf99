import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../limits/limits';
import { ConfigError, loadConfig } from './config';

const none = (path: string): string => {
  throw Object.assign(new Error(path), { code: 'ENOENT' });
};
const file = (yaml: string) => () => yaml;
const KEY = 'kQ3uX0mJ8cWv5rTz1yPnB7dLs2hGfA9eUi4oKj6xMqE=';
const PROXY =
  'clusters: [{ id: a, agentCore: "a:1" }]\nauth: { mode: trusted-proxy, cidrs: [10.0.0.0/8], secretFile: /secret, everyone: viewer }';
/** A configuration file with its secrets. */
const files =
  (
    yaml: string,
    secrets: Record<string, string> = {
      '/secret': `${KEY}\n`,
      '/key': `${KEY}\n`,
      '/weak': 'changeme',
      '/same': 'a'.repeat(60),
    },
  ) =>
  (path: string) =>
    path === '/c' ? yaml : (secrets[path] ?? none(path));
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
      readOnly: false,
      limits: DEFAULT_LIMITS,
      trustedProxies: [],
      auth: {
        mode: 'local',
        role: 'admin',
        sessionSecrets: [],
        endedFile: undefined,
        idleMs: 12 * 3600_000,
        absoluteMs: 24 * 3600_000,
      },
    });
  });

  it.each([
    ['https://core:50051', 'core:50051'],
    ['http://10.0.0.1:50051/', '10.0.0.1:50051'],
    ['[fd00::1]:50051', '[fd00::1]:50051'],
  ])('takes %s as %s', (given, address) => {
    expect(loadConfig({ AGENT_CORE: given }, none).clusters[0]?.agentCore).toBe(address);
  });

  it.each([
    ['https://console.example.org', 'https://console.example.org'],
    ['https://Console.example.org:443/', 'https://console.example.org'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['', undefined],
  ])('takes PUBLIC_URL %s as %s', (given, url) => {
    expect(loadConfig({ CONFIG: '/c', PUBLIC_URL: given }, files(PROXY)).publicUrl).toBe(url);
  });

  it('takes several clusters from a file', () => {
    const yaml =
      'clusters:\n  - { id: a, name: First, agentCore: "core-a:50051" }\n  - { id: b, agentCore: "core-b:50051" }';
    expect(loadConfig({ CONFIG: '/c.yaml', PORT: '0', HOST: '::1' }, file(yaml))).toMatchObject({
      host: '::1',
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
    ['PUBLIC_URL no URL', { AGENT_CORE: 'core:1', PUBLIC_URL: 'console' }, undefined, /^PUBLIC_URL: must be http/],
    [
      'PUBLIC_URL with a path',
      { AGENT_CORE: 'core:1', PUBLIC_URL: 'https://h/x' },
      undefined,
      /^PUBLIC_URL: .*no path/,
    ],
    ['PUBLIC_URL of files', { AGENT_CORE: 'core:1', PUBLIC_URL: 'file:///x' }, undefined, /^PUBLIC_URL: /],
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

  it('knows no cluster without a sign-in', () => {
    expect(loadConfig({ CONFIG: '/c', HOST: '0.0.0.0' }, files(PROXY)).auth).toEqual({
      mode: 'trusted-proxy',
      proxy: {
        cidrs: ['10.0.0.0/8'],
        secret: KEY,
        secretHeader: 'x-console-proxy-secret',
        userHeader: 'x-forwarded-user',
        groupsHeader: 'x-forwarded-groups',
      },
      roles: expect.objectContaining({ everyone: 'viewer' }),
    });
    expect(message({ CONFIG: '/c' }, files('clusters: [{ id: a, agentCore: "a:1" }]\nauth: { mode: none }'))).toMatch(
      /auth\.mode: /,
    );
  });

  const clusters = 'clusters: [{ id: a, agentCore: "a:1" }]';
  const oidc = (more: string) =>
    `${clusters}\nauth: { mode: oidc, issuer: "https://idp", clientId: c, groups: { admin: [ops] }${more} }`;
  const key = ', sessionKeyFile: /key';
  it.each<[string, Record<string, string>, string, RegExp]>([
    [
      'the local sign-in on every address',
      { HOST: '0.0.0.0' },
      clusters,
      /^HOST: the local sign-in .*oidc or trusted-proxy/,
    ],
    [
      'the local sign-in under a public name',
      { PUBLIC_URL: 'https://c.example' },
      clusters,
      /^PUBLIC_URL: the local sign-in/,
    ],
    ['sessions over plain http', { PUBLIC_URL: 'http://c.example' }, oidc(key), /^PUBLIC_URL: must be https/],
    ['oidc without its own address', {}, oidc(key), /^PUBLIC_URL: needed with oidc/],
    [
      'a short key',
      { PUBLIC_URL: 'https://c.example', SESSION_KEY_FILE: '/weak' },
      oidc(''),
      /^SESSION_KEY_FILE: .*32 random bytes/,
    ],
    ['a key of one letter', { SESSION_KEY_FILE: '/same' }, clusters, /^SESSION_KEY_FILE: .*32 random bytes/],
    ['a key file that is not there', {}, oidc(', sessionKeyFile: /none'), /auth\.sessionKeyFile: \/none: no such file/],
    [
      'an issuer over http',
      {},
      oidc(key).replace('https://idp', 'http://idp.example'),
      /auth\.issuer: must be an https/,
    ],
    ['nobody with a role', {}, oidc(key).replace('[ops]', '[]'), /^auth\.groups: nobody has a role/],
    ['a proxy from everywhere', {}, PROXY.replace('10.0.0.0/8', '0.0.0.0/0'), /auth\.cidrs\[0\]: must be a network/],
    ['a proxy without networks', {}, PROXY.replace('10.0.0.0/8', ''), /auth\.cidrs: must name/],
    ['a proxy without a secret', {}, PROXY.replace('secretFile: /secret, ', ''), /auth\.secretFile: /],
    ['certificates unchecked', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, clusters, /^NODE_TLS_REJECT_UNAUTHORIZED/],
    ['an unknown key of auth', {}, PROXY.replace('everyone', 'everybody'), /auth\.everybody: unknown key/],
    [
      'a proxy from all IPv4 as IPv6',
      {},
      PROXY.replace('10.0.0.0/8', '"::ffff:0:0/96"'),
      /auth\.cidrs\[0\]: must be a network/,
    ],
    [
      'a proxy from half of everything',
      {},
      PROXY.replace('10.0.0.0/8', '128.0.0.0/1'),
      /auth\.cidrs\[0\]: must be a network/,
    ],
    [
      'a secret that is somebody’s name',
      {},
      PROXY.replace('everyone', 'secretHeader: x-forwarded-user, everyone'),
      /^auth\.secretHeader: .*three different headers/,
    ],
    [
      'an identity in a cookie',
      {},
      PROXY.replace('everyone', 'userHeader: Cookie, everyone'),
      /auth\.userHeader: must be a header that has no other meaning/,
    ],
    ['scopes without openid', {}, oidc(`${key}, scopes: profile`), /auth\.scopes: must have openid/],
    [
      'a name that turns its direction',
      {},
      'clusters: [{ id: a, name: "a\\u202eb", agentCore: "a:1" }]',
      /clusters\[0\]\.name: must have no control/,
    ],
    [
      'a group with two roles',
      {},
      oidc(key).replace('[ops]', '[ops], viewer: [ops]'),
      /auth\.groups: “ops” is there twice/,
    ],
    ['an issuer with a password', {}, oidc(key).replace('https://', 'https://u:pw@'), /auth\.issuer: must be an https/],
    [
      'a file for ended sessions, and no session key',
      { ENDED_SESSIONS_FILE: '/ended' },
      clusters,
      /auth\.endedSessionsFile: takes a session key/,
    ],
    ['READ_ONLY odd', { READ_ONLY: 'maybe' }, clusters, /^READ_ONLY: must be 1 or 0/],
  ])('refuses in one line what would be unsafe: %s', (_what, env, yaml, expected) => {
    const text = message({ CONFIG: '/c', ...env }, files(yaml));
    expect(text).toMatch(expected);
    expect(text).not.toMatch(/\n/);
    expect(text).not.toContain(KEY);
  });
  it.each<Record<string, string>>([
    { AGENT_CORE: 'core:1', PUBLIC_URL: 'https://ana:hunter2@console.example' },
    { AGENT_CORE: 'ana:hunter2@core:1' },
    { AGENT_CORE: 'http://ana:hunter2@core:1' },
  ])('shows no password that stands in an address: %j', (env) => {
    expect(message(env)).not.toContain('hunter2');
  });
  it('takes no secret that everybody may read', () => {
    const load = (mode: number) => () =>
      loadConfig({ AGENT_CORE: 'c:1', SESSION_KEY_FILE: '/key' }, files(''), () => mode);
    for (const mode of [0o100600, 0o100400, 0o100440, 0o100640]) expect(load(mode)).not.toThrow();
    for (const mode of [0o100644, 0o100444, 0o100666, 0o100602])
      expect(load(mode)).toThrow(/^SESSION_KEY_FILE: \/key: everybody on this machine may read it/);
  });
  it('keeps ended sessions beside the session key, or where it is told', () => {
    const endedFile = (env: Record<string, string>) => {
      const { auth } = loadConfig({ AGENT_CORE: 'c:1', ...env }, files(''));
      return auth.mode === 'trusted-proxy' ? undefined : auth.endedFile;
    };
    expect(endedFile({})).toBeUndefined();
    expect(endedFile({ SESSION_KEY_FILE: '/key' })).toBe('/key.ended');
    expect(endedFile({ SESSION_KEY_FILE: '/key', ENDED_SESSIONS_FILE: '/var/ended' })).toBe('/var/ended');
  });
  it('opens a port for metrics on loopback, when asked to', () => {
    const metrics = (env: Record<string, string>) => loadConfig({ AGENT_CORE: 'c:1', ...env }, none).metrics;
    expect(metrics({})).toBeUndefined();
    expect(metrics({ METRICS_PORT: '9464' })).toEqual({ host: '127.0.0.1', port: 9464 });
    expect(metrics({ METRICS_PORT: '9464', METRICS_HOST: '0.0.0.0' })).toEqual({ host: '0.0.0.0', port: 9464 });
    expect(message({ AGENT_CORE: 'c:1', METRICS_PORT: '0' })).toMatch(/^METRICS_PORT: .*0$/);
    expect(message({ AGENT_CORE: 'c:1', METRICS_PORT: '99999' })).toMatch(/^METRICS_PORT: .*99999$/);
    expect(message({ AGENT_CORE: 'c:1', METRICS_HOST: '0.0.0.0' })).toBe('METRICS_HOST: takes a METRICS_PORT');
  });
});
