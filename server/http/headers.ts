/** Headers of every answer, refusals, redirects and errors included. */
export const SECURITY_HEADERS: ReadonlyArray<readonly [string, string]> = [
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['x-frame-options', 'DENY'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  [
    'permissions-policy',
    'accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()',
  ],
];

export const HSTS = ['strict-transport-security', 'max-age=31536000; includeSubDomains'] as const;

/** What is no page runs nothing and is framed by nobody. */
export const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

export const REPORT_PATH = '/api/v1/csp-report';
export const REPORTING = ['reporting-endpoints', `csp="${REPORT_PATH}"`] as const;

/**
 * The policy of one page. `nonce` is new for each answer, 128 bits in base64. Style attributes are allowed, because React
 * writes them into what the server renders; they cannot run anything. `isDev` lets the development server's reloading in.
 */
export function pagePolicy(nonce: string, isDev = false): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDev ? " 'unsafe-eval'" : ''}`,
    isDev ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${isDev ? ' ws:' : ''}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    ...(isDev ? [] : ["require-trusted-types-for 'script'", 'trusted-types default']),
    'report-to csp',
  ].join('; ');
}
