/** Places that are no page to come back to. */
const NOT_BACK_TO = /^\/(auth|api|login|_next)(\/|$)/i;

/**
 * Where to go after signing in: the path and query of `to` when it stays on this console, else `/`. Judged as a browser
 * reads addresses: `/\evil`, `https:///evil` and the like name another host to it.
 */
export function returnPath(to: string | null | undefined): string {
  if (!to || to.length > 2_000 || !to.startsWith('/')) return '/';
  const here = 'http://console.invalid';
  if (!URL.canParse(to, here)) return '/';
  const url = new URL(to, here);
  let decoded: string;
  try {
    decoded = decodeURIComponent(url.pathname);
  } catch {
    return '/';
  }
  if (url.origin !== here || url.username !== '' || NOT_BACK_TO.test(decoded)) return '/';
  // What a proxy or a second decoding would read as another host, or as another header line.
  if (/\/\/|[\\\p{Cc}\p{Cf}]|^\/\s/u.test(decoded)) return '/';
  return url.pathname + url.search;
}
