import { TOKEN_HEADER, TOKEN_META, TOKEN_STORAGE_KEY } from '@/contract/session-token';

const meta = () => document.querySelector<HTMLMetaElement>(`meta[name="${TOKEN_META}"]`);

/** What proves that a request comes from a page of this session: given with the page, or by the local mode's link. */
function sessionToken(): string | undefined {
  const given = meta()?.content;
  if (given) return given;
  try {
    return localStorage.getItem(TOKEN_STORAGE_KEY) ?? undefined;
  } catch {
    return undefined; // storage is blocked, and nobody could sign in here
  }
}

/** Whether this browser has been signed in here before. */
export const hasToken = (): boolean => sessionToken() !== undefined;

/** The header of a request to our own server. */
export function tokenHeader(): Record<string, string> {
  const token = typeof document === 'undefined' ? undefined : sessionToken();
  return token === undefined ? {} : { [TOKEN_HEADER]: token };
}

/** Keeps the token that the local mode's link gave; false when this browser keeps nothing. */
export function keepToken(token: string): boolean {
  try {
    localStorage.setItem(TOKEN_STORAGE_KEY, token);
    return true;
  } catch {
    return false;
  }
}

/** Takes over the token of a new session into the page that is open. */
export function renewToken(token: string): void {
  const element = meta();
  if (element?.content) element.content = token;
}
