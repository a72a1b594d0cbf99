import { describe, expect, it } from 'vitest';
import {
  type Draft,
  draftFromQuery,
  draftToQuery,
  EMPTY,
  fieldErrors,
  parseLabels,
  readDraft,
  sizeWords,
} from './draft';

const draft = (change: Partial<Draft> = {}): Draft => ({ ...EMPTY, name: 'shop', ...change });
const errorsOf = (change: Partial<Draft>) => {
  const read = readDraft(draft(change));
  return read.ok ? {} : read.errors;
};

describe('readDraft', () => {
  it.each([
    ['10', 10n << 30n],
    ['10G', 10n << 30n],
    ['10GiB', 10n << 30n],
    ['1.5TiB', 3n << 39n],
  ])('takes %s as a size', (size, bytes) => {
    const read = readDraft(draft({ size }));
    expect(read.ok && read.volume.sizeBytes).toBe(String(bytes));
  });

  it.each<[string, Partial<Draft>, keyof Draft]>([
    ['a name of 300 characters', { name: 'x'.repeat(300) }, 'name'],
    ['a name with a slash', { name: 'a/b' }, 'name'],
    ['a size that is none', { size: 'ten' }, 'size'],
    ['no size', { size: '' }, 'size'],
    ['a size of 2 EiB', { size: '2EiB' }, 'size'],
    ['less than the smallest volume', { size: '1KiB' }, 'size'],
    ['no replica', { replicas: '0' }, 'replicas'],
    ['a replica count in words', { replicas: 'three' }, 'replicas'],
    ['half a replica', { replicas: '1.5' }, 'replicas'],
    ['a uuid that is none', { id: '1234' }, 'id'],
    ['the nil uuid', { id: '00000000-0000-0000-0000-000000000000' }, 'id'],
    ['a label key with a space', { labels: 'a b=c' }, 'labels'],
    ['a prototype name as a label', { labels: '__proto__=x' }, 'labels'],
    ['a label twice', { labels: 'a=1, a=2' }, 'labels'],
    ['a bad pool label', { poolInclusion: '=x' }, 'poolInclusion'],
    ['named nodes and labels together', { allowedNodes: ['io-1'], nodeSpread: 'zone' }, 'allowedNodes'],
  ])('says at the field that it is wrong: %s', (_, change, field) => {
    const errors = errorsOf(change);
    expect(errors[field]).toMatch(/^.{5,}/);
    expect(Object.keys(errors)).toEqual([field]);
  });

  it('accepts a uuid in capitals and an empty optional field', () => {
    const read = readDraft(draft({ id: 'EC4E66FB-3B33-4439-B504-D49ABA53DA26', affinityGroup: ' ' }));
    expect(read.ok && read.volume).toMatchObject({ id: 'ec4e66fb-3b33-4439-b504-d49aba53da26' });
    expect(read.ok && read.volume.affinityGroup).toBeUndefined();
  });

  it('asks to publish only when it is wanted', () => {
    const read = (change: Partial<Draft>) => {
      const r = readDraft(draft(change));
      return r.ok ? r.volume.publish : 'error';
    };
    expect(read({ publish: false, publishNode: 'io-1' })).toBeUndefined();
    expect(read({ publish: true })).toEqual({});
    expect(read({ publish: true, publishNode: 'io-1' })).toEqual({ node: 'io-1' });
  });
});

describe('parseLabels', () => {
  it('takes lines, commas, = and :, and a key alone', () => {
    expect(parseLabels('a=1\nb: 2, c')).toEqual({ ok: true, labels: { a: '1', b: '2', c: '' } });
  });
});

describe('the draft in the address', () => {
  it('comes back as it was', () => {
    const d = draft({
      size: '12TiB',
      thin: false,
      allowedNodes: ['io-1', 'io-3'],
      labels: 'a=1\nb=&?',
      publish: false,
    });
    expect(draftFromQuery(new URLSearchParams(draftToQuery(d).toString()))).toEqual(d);
  });

  it('is empty for an untouched form', () => {
    expect(draftToQuery(EMPTY).toString()).toBe('');
  });
});

it('shows what a bare number means', () => {
  expect(sizeWords('10')).toBe('10 GiB, 10,737,418,240 bytes');
  expect(sizeWords('x')).toBeUndefined();
});

it('puts the server’s errors at the fields', () => {
  expect(
    fieldErrors([
      { path: 'publish.node', message: 'no' },
      { path: 'id', message: 'taken' },
    ]),
  ).toEqual({
    publishNode: 'no',
    id: 'taken',
  });
});
