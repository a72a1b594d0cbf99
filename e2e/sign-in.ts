import type { BrowserContextOptions } from '@playwright/test';
import { TOKEN_STORAGE_KEY } from '../contract/session-token';

/** A session, signed in by the link that a console printed: for browsers and for requests without one. */
export interface SignedIn {
  storageState: Exclude<BrowserContextOptions['storageState'], string | undefined>;
  headers: Record<string, string>;
}

/** Signs in as the sign-in page does. */
export async function signIn(url: string, link: string): Promise<SignedIn> {
  const origin = new URL(url).origin;
  const response = await fetch(`${origin}/auth/local`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify({ token: new URL(link).hash.slice('#t='.length) }),
  });
  const body: unknown = await response.json();
  const token = typeof body === 'object' && body !== null && 'csrf' in body ? String(body.csrf) : '';
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(response.headers.get('set-cookie') ?? '') ?? [];
  if (!response.ok || !token || !value) throw new Error(`cannot sign in at ${url}: ${JSON.stringify(body)}`);
  const cookie = { name, value, domain: '127.0.0.1', path: '/', expires: -1, httpOnly: true, secure: false } as const;
  return {
    storageState: {
      cookies: [{ ...cookie, sameSite: 'Lax' }],
      origins: [{ origin, localStorage: [{ name: TOKEN_STORAGE_KEY, value: token }] }],
    },
    headers: { cookie: `${name}=${value}`, 'x-mc-csrf': token, origin },
  };
}
