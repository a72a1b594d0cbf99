/** Every value of a cookie, in the order sent: another port of the same host may have set one of the same name. */
export function cookieValues(header: string | undefined, name: string): string[] {
  return (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
    .map((part) => part.slice(name.length + 1))
    .slice(0, 4);
}

export interface CookieRules {
  name: string;
  /** Sent over https only; then the name has the prefix `__Host-`. */
  isSecure: boolean;
  /** Lax where a sign-in comes back from another site, Strict where it cannot. */
  sameSite: 'Lax' | 'Strict';
}

/** Name with the prefix that browsers accept only from this very host over https. */
export const cookieName = (name: string, isSecure: boolean): string => (isSecure ? `__Host-${name}` : name);

/** A Set-Cookie value; without `value` it takes the cookie away. */
export function setCookie(rules: CookieRules, value: string | undefined, maxAgeSeconds: number): string {
  const age = value === undefined ? 0 : Math.max(0, Math.floor(maxAgeSeconds));
  return `${rules.name}=${value ?? ''}; Path=/; HttpOnly; SameSite=${rules.sameSite}; Max-Age=${age}${rules.isSecure ? '; Secure' : ''}`;
}
