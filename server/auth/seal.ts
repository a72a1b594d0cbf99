import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

const IV = 12;
const TAG = 16;

interface Key {
  id: string;
  key: Buffer;
}

/**
 * Seals JSON for a keeper that may neither read nor change it (AES-256-GCM). The first secret seals; all open, so that keys
 * can be changed without ending sessions. `purpose` is authenticated: what was sealed for one opens for no other.
 */
export class Sealer {
  private readonly keys: readonly Key[];

  /** `secrets`: at least one, of 32 bytes or more each. */
  constructor(secrets: readonly Uint8Array[]) {
    this.keys = secrets.map((secret) => ({
      id: createHash('sha256').update('key id').update(secret).digest('base64url').slice(0, 8),
      key: Buffer.from(hkdfSync('sha256', secret, '', 'mayastor-console sealed cookie v1', 32)),
    }));
    if (this.keys.length === 0) throw new Error('a sealer needs a key');
  }

  seal(purpose: string, value: unknown): string {
    const [first] = this.keys;
    if (!first) throw new Error('a sealer needs a key'); // refused by the constructor
    const iv = randomBytes(IV);
    const cipher = createCipheriv('aes-256-gcm', first.key, iv).setAAD(aad(first.id, purpose));
    const sealed = Buffer.concat([
      iv,
      cipher.update(JSON.stringify(value), 'utf8'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return `v1.${first.id}.${sealed.toString('base64url')}`;
  }

  /** The value; undefined for anything that was not sealed with one of the keys for this purpose. */
  open(purpose: string, text: string): unknown {
    const [version, id, body, more] = text.split('.');
    const key = this.keys.find((k) => k.id === id);
    if (version !== 'v1' || !key || !body || more !== undefined) return undefined;
    const bytes = Buffer.from(body, 'base64url');
    if (bytes.length < IV + TAG) return undefined;
    try {
      const decipher = createDecipheriv('aes-256-gcm', key.key, bytes.subarray(0, IV), { authTagLength: TAG });
      decipher.setAAD(aad(key.id, purpose)).setAuthTag(bytes.subarray(-TAG));
      return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(IV, -TAG)), decipher.final()]).toString('utf8'));
    } catch {
      return undefined; // a wrong tag: forged, cut or of another purpose
    }
  }
}

const aad = (keyId: string, purpose: string) => Buffer.from(`v1\0${keyId}\0${purpose}`);
