import { expect, it } from 'vitest';
import { duplicateKey } from './duplicate-key';

it.each([
  ['{"a":1,"a":2}', 'a'],
  ['{"a":1,"b":{"c":1,"c":2}}', 'c'],
  ['[{"a":1},{"a":1,"\\u0061":2}]', 'a'],
  ['{"a":{"a":1},"b":[{"a":1},{"a":1}]}', undefined],
  ['{"a":"{\\"b\\":1,\\"b\\":2}"}', undefined],
  ['{"a":"a","b":"a","c":["a","a"]}', undefined],
  ['{"":1,"":2}', ''],
  ['{"a\\\\":1,"a":2}', undefined],
  ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ['{ "a" : 1 , "a"\n: 2 }', 'a'],
  ['{"a":"]}","b":"{[","a":1}', 'a'],
  ['[]', undefined],
])('finds in %s the name that is there twice: %s', (text, want) => {
  JSON.parse(text);
  expect(duplicateKey(text)).toBe(want);
});
