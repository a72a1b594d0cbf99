import { expect, it } from 'vitest';
import { Uuid } from '@/contract/scalars';
import { newKey } from './useChange';

it('makes keys that the API takes, each another', () => {
  const keys = Array.from({ length: 50 }, newKey);
  for (const key of keys) expect(Uuid.safeParse(key).success).toBe(true);
  expect(new Set(keys).size).toBe(50);
});
