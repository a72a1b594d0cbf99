import { expect, it } from 'vitest';
import { returnPath } from './return-path';

it.each([
  ['/c/default/volumes?q=a%20b&sort=-size', '/c/default/volumes?q=a%20b&sort=-size'],
  ['/', '/'],
  ['/c/default#x', '/c/default'],
])('goes back to %s', (to, want) => {
  expect(returnPath(to)).toBe(want);
});

it.each([
  null,
  '',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  'https:///evil.example',
  'https://evil.example/',
  '/%09/evil.example',
  '/\t/evil.example',
  '/%5cevil.example',
  '/%2fevil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  'http://console.invalid@evil.example',
  '.evil.example',
  '/a%0d%0aLocation:x',
  '/auth/logout',
  '/auth/login',
  '/api/v1/session',
  '/login',
  '/./auth/logout',
  `/${'a'.repeat(5_000)}`,
  '/%ff',
  '/%61uth/logout',
  '/AUTH/logout',
  '/c/..//evil.example',
  '/%2e%2e//evil.example',
  '/c/%e2%80%ae',
  '/c//x',
])('goes to the first page instead of %j', (to) => {
  expect(returnPath(to)).toBe('/');
});
