import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { U64 } from './scalars';
import { CreateVolume, ResizeVolume } from './volume';

describe('64-bit numbers from clients', () => {
  it('keeps every digit up to 2^64-1 and refuses the next', () => {
    expect(U64.parse('18446744073709551615')).toBe('18446744073709551615');
    expect(U64.safeParse('18446744073709551616').success).toBe(false);
  });

  it.each(['abc', '', ' 1', '-5', '1e9', '0x10', '01', '1.5', '1n', '１', 'NaN'])(
    'refuses %j without throwing',
    (text) => {
      for (const schema of [CreateVolume, ResizeVolume]) {
        const parsed = schema.safeParse({ sizeBytes: text, thin: true, replicas: 1 });
        const issue = parsed.error?.issues.find((i) => i.path[0] === 'sizeBytes');
        expect(issue?.message).toBe('an unsigned 64-bit number in decimal digits');
      }
    },
  );

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => typeof CreateVolume.safeParse({ sizeBytes: text }).success === 'boolean'),
    );
  });
});
