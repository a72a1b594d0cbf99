import { describe, expect, it } from 'vitest';
import { nodeEndpoint, parseEndpoint } from './endpoint';

describe('parseEndpoint', () => {
  it.each([
    ['core:50051', 'core:50051'],
    ['https://core.mayastor.svc:50051', 'core.mayastor.svc:50051'],
    ['10.1.2.3:1', '10.1.2.3:1'],
    ['[fd00::12]:10124', '[fd00::12]:10124'],
  ])('takes %s', (text, target) => expect(parseEndpoint(text)).toEqual({ ok: true, target }));

  it.each([
    '',
    'core',
    'core:',
    ':1',
    'core:0',
    'core:65536',
    'a b:1',
    'unix:/x',
    'unix:x:1',
    'dns:///x:1',
    'user@core:1',
    '0x7f.1:22',
    '127.1:22',
    '2130706433:22',
    '[zz]:1',
    'ftp://a:1',
    'a:1/x',
    '-a:1',
  ])('refuses %j', (text) => expect(parseEndpoint(text).ok).toBe(false));
});

describe('nodeEndpoint', () => {
  it.each([
    '169.254.169.254:80',
    '127.0.0.1:22',
    'localhost:6443',
    'LOCALHOST:6443',
    '[::1]:10124',
    '[::ffff:127.0.0.1]:10124',
    '[fe80::1]:10124',
    '0.0.0.0:10124',
    '[::]:1',
    '[0:0:0:0:0:0:0:1]:10124',
    '[::0001]:10124',
    '[0:0:0:0:0:ffff:7f00:1]:22',
    '[::ffff:a9fe:a9fe]:80',
    '[::169.254.169.254]:80',
    '[64:ff9b::a9fe:a9fe]:80',
    '[2002:7f00:1::]:22',
    '[FE80::1]:10124',
    '[febf::1]:10124',
    '[fd00:0ec2::254]:80',
    '[0::]:1',
    '224.0.0.1:10124',
    '255.255.255.255:10124',
    'evil.test:10124',
    'metadata.google.internal:80',
    'kubernetes.default.svc:6443',
    'localhost.:22',
    'http://169.254.169.254:80/',
    '',
  ])('does not dial %j for a cluster elsewhere', (text) => expect(nodeEndpoint(text, 'core:50051').ok).toBe(false));

  it('dials this machine when agent-core is on it, and never link-local addresses', () => {
    expect(nodeEndpoint('127.0.0.1:9000', '127.0.0.1:50051')).toEqual({ ok: true, target: '127.0.0.1:9000' });
    expect(nodeEndpoint('169.254.169.254:80', '127.0.0.1:50051').ok).toBe(false);
    expect(nodeEndpoint('10.0.0.7:10124', '127.0.0.1:50051').ok).toBe(true);
    expect(nodeEndpoint('[::1]:9000', '[::1]:50051').ok).toBe(true);
    expect(nodeEndpoint('127.0.0.1:9000', 'localhost:50051').ok).toBe(true);
    expect(nodeEndpoint('[fd00::12]:10124', 'core:50051')).toEqual({ ok: true, target: '[fd00::12]:10124' });
  });
});
