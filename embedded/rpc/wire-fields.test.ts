import { describe, expect, it } from 'vitest';
import { GetVolumesReply } from '@/gen/v1/volume/volume';
import { graft, oneOfEach } from './wire-fields';

const LATER = oneOfEach(2_000, 'later');
const uuid = 'c0ffee00-0000-4000-8000-000000000001';
const reply = GetVolumesReply.fromPartial({
  reply: {
    $case: 'volumes',
    value: {
      entries: [1n, 2n ** 60n].map((size) => ({ definition: { spec: { uuid, size } }, state: { uuid, size } })),
    },
  },
});
const bytes = Buffer.from(GetVolumesReply.encode(reply).finish());
const count = (grafted: Buffer) => grafted.toString('latin1').split('later').length - 1;

describe('graft', () => {
  it('adds fields to each message that a path leads to, which older clients pass over', () => {
    const grafted = graft(bytes, [[], [1], [1, 1], [1, 1, 2]], LATER);
    expect(count(grafted)).toBe(6);
    expect(GetVolumesReply.decode(grafted)).toEqual(GetVolumesReply.decode(bytes));
  });

  it('changes nothing without a path, and refuses what is no message', () => {
    expect(graft(bytes, [], LATER)).toEqual(bytes);
    expect(count(graft(bytes, [[77]], LATER))).toBe(0);
    expect(() => graft(Buffer.from([0x0a, 0x7f]), [[1]], LATER)).toThrow(RangeError);
    expect(() => graft(Buffer.from([0xff, 0xff]), [[1]], LATER)).toThrow(RangeError);
  });
});
