import { describe, expect, it } from 'vitest';
import { wordsOf } from './reply-words';

// The shapes are those of agent-core 2.7.1.
describe('words of agent-core', () => {
  it('gives the sentence without the name of the error', () => {
    const source = "SvcError :: VolumeNotPublished: Volume 'v' not published";
    expect(wordsOf({ source, extra: '' })).toEqual({ message: "Volume 'v' not published" });
  });

  it('leaves out an id that the sentence names', () => {
    const source = 'SvcError :: AlreadyExists: Pool Resource id pool-1 already exists';
    expect(wordsOf({ source, extra: 'id: pool-1' })).toEqual({ message: 'Pool Resource id pool-1 already exists' });
  });

  it('takes what an io-engine said out of the printed status', () => {
    const extra =
      'create_pool::status: InvalidArgument, message: "disk \\"/dev/sdb\\" is\\u{a0}taken", details: [], metadata: MetadataMap { headers: {"date": "x"} }';
    expect(wordsOf({ source: 'SvcError::GrpcRequestError', extra })).toEqual({
      message: 'disk "/dev/sdb" is\u{a0}taken',
      extra: 'create_pool answered InvalidArgument',
    });
  });

  it('keeps words of any other shape, and the detail that adds to them', () => {
    expect(wordsOf({ source: 'SvcError::X', extra: 'the useful half' })).toEqual({
      message: 'SvcError::X',
      extra: 'the useful half',
    });
    expect(wordsOf({ source: '', extra: '' })).toEqual({ message: '' });
  });

  it('cuts what would only be an attack', () => {
    expect(wordsOf({ source: 'x'.repeat(100_000), extra: '' }).message.length).toBeLessThan(5_000);
  });
});
