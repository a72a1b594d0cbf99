import { describe, expect, it } from 'vitest';
import { exactBytes, formatBytes, parseSize } from './size';

const GiB = 1n << 30n;

describe('parseSize', () => {
  it.each([
    ['10', 10n * GiB],
    ['10G', 10n * GiB],
    ['10 GiB', 10n * GiB],
    ['10gb', 10n * GiB],
    ['512MiB', GiB / 2n],
    ['1.5T', 1536n * GiB],
    ['0.1GiB', 107374182n],
    ['4194304B', 4194304n],
    ['1EiB', 1n << 60n],
  ])('reads %s', (text, bytes) => expect(parseSize(text)).toEqual({ ok: true, bytes }));

  it.each(['', ' ', '-1', '1e3', '0', '10XB', 'ten', '1.5B', '2EiB', '1 0', '9'.repeat(50), '10GiBs', 'NaN', '١٠'])(
    'refuses %j with a sentence',
    (text) => {
      const got = parseSize(text);
      expect(got.ok).toBe(false);
      if (!got.ok) expect(got.message.length).toBeGreaterThan(5);
    },
  );
});

describe('formatBytes', () => {
  it.each([
    [0n, '0 B'],
    [1023n, '1023 B'],
    [1024n, '1 KiB'],
    [1536n * GiB, '1.5 TiB'],
    [GiB - 1n, '1 GiB'],
    [1n << 60n, '1 EiB'],
    [18446744073709551615n, '16 EiB'],
  ])('writes %d', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it('keeps every digit of 2^60', () => {
    expect(exactBytes(1n << 60n).replaceAll('\u202f', '')).toBe('1152921504606846976 B');
  });
});
