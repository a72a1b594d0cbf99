import fc from 'fast-check';

/** Marks text that would run: a page that runs it sets `window.ran`, which a browser test looks for. */
const RUN = 'window.ran=1';

/** Text that has done harm somewhere: to a page, a log, a shell, a table, an object or a parser. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
  'null',
  'undefined',
  'NaN',
  '-Infinity',
  '[object Object]',
  `<img src=x onerror="${RUN}">`,
  `"><script>${RUN}</script>`,
  `'-${RUN}-'`,
  `javascript:${RUN}`,
  `data:text/html,<script>${RUN}</script>`,
  `<svg/onload=${RUN}>`,
  `</title><script>${RUN}</script>`,
  `{{constructor.constructor('${RUN}')()}}`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is meant as text
  '${jndi:ldap://127.0.0.1/x}',
  '=cmd|calc!A0',
  '+1+1',
  '@SUM(1)',
  '$(id)',
  '; rm -rf /',
  '../../../etc/passwd',
  'a/b\\c',
  'a%2fb%00',
  '\u0000',
  '\r\nSet-Cookie: x=1',
  '","level":"fatal","x":"',
  '\u202eevil\u202c',
  '\u200d\u200b\ufeff',
  'e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301',
  '𝕳𝖊𝖑𝖑𝖔 👩‍👩‍👧‍👦',
  '\ufffd\uffff',
  'x'.repeat(5_000),
  '9'.repeat(400),
  ' ',
  '-',
  '.',
  '..',
  '*',
  'nvmf://[::1',
  'http://169.254.169.254/',
  'aio:///etc/shadow?size_mb=99999999',
];

/** Whole numbers at the ends of what the wire can carry, and small ones. */
export const HOSTILE_INTS: readonly number[] = [0, 1, 2, 3, 7, 50, 100, 101, 255, 512, 4_096, 2 ** 31 - 1, 2 ** 32 - 1];

/** Any of these texts, or any other. */
export const hostileText = (): fc.Arbitrary<string> =>
  fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary', maxLength: 40 }));
