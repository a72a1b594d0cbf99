import { createHash } from 'node:crypto';

/**
 * The id of what a request creates, from who asks, where, and the request's Idempotency-Key: a repeat names the same object,
 * also when this process has been restarted in between and remembers nothing. A UUID of version 8.
 */
export function derivedId(person: string, cluster: string, kind: string, key: string): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([person, cluster, kind, key]))
    .digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
}
