import { expect, it } from 'vitest';
import { parseFilter } from '@/contract/filter';
import { VOLUME_LIST } from '@/contract/lists';
import { isBeingTyped } from './filter-typing';

function typing(textWithCursor: string): boolean {
  const cursor = textWithCursor.indexOf('|');
  const text = textWithCursor.replace('|', '');
  const parsed = parseFilter(text, VOLUME_LIST.keys);
  if (parsed.ok) throw new Error(`${text} is fine`);
  return isBeingTyped(text, cursor, parsed.error);
}

it.each(['status:|', 'status:deg|', 'node:io-1 size>|', 'siz:|', '-|', 'node:"io|', 'status:d|eg node:io-1'])(
  'does not yet complain about %s',
  (text) => {
    expect(typing(text)).toBe(true);
  },
);

it.each(['statu:online |', 'size>big node:io-1|', 'status: |', '|node:a colour:red'])('complains about %s', (text) => {
  expect(typing(text)).toBe(false);
});
