import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ListQuery } from '@/contract/list';
import { CreateVolume } from '@/contract/volume';
import { parsed, sentenceOf } from './zod-words';

const wrong = (schema: z.ZodType, value: unknown) => {
  const result = parsed(schema, value);
  return result.success ? 'nothing' : sentenceOf(result.error);
};

describe('what is wrong with a request', () => {
  it.each<[value: unknown, words: string]>([
    [{ limit: 'abc' }, 'limit: must be a number'],
    [{ limit: '0' }, 'limit: must be at least 1'],
    [{ limit: '1e21' }, 'limit: must be at most 9007199254740991'],
    [{ limit: '1.5' }, 'limit: must be a whole number'],
    [{ q: 'x'.repeat(513) }, 'q: must be at most 512 characters long'],
    [{ limmit: '5' }, '“limmit” is not known here.'],
  ])('is said in words that help, of a query: %j', (value, words) => {
    expect(wrong(ListQuery, value)).toBe(words);
  });

  it.each<[value: unknown, words: string]>([
    [{ a: 1 }, '“a” is not known here.'],
    [{}, 'sizeBytes: is missing: a text is needed'],
    [{ sizeBytes: 5, thin: true, replicas: 1 }, 'sizeBytes: must be a text'],
    [{ sizeBytes: '5', thin: true, replicas: 1 }, 'sizeBytes: at least 1 MiB'],
    [{ sizeBytes: '1048576', thin: 'yes', replicas: 1 }, 'thin: must be true or false'],
    [{ sizeBytes: '1048576', thin: true, replicas: 0 }, 'replicas: at least 1 replica'],
  ])('is said in words that help, of a body: %j', (value, words) => {
    expect(wrong(CreateVolume, value)).toBe(words);
  });
  it('names the values of a choice', () => {
    expect(wrong(z.object({ sort: z.enum(['a', 'b', 'c']) }), { sort: 'd' })).toBe('sort: must be a, b or c');
  });
});
