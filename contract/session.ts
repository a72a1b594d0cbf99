import * as z from 'zod';
import { Permission, Role } from './permission';
import { Instant } from './scalars';

export const AuthMode = z.enum(['local', 'oidc', 'trusted-proxy']);
export type AuthMode = z.infer<typeof AuthMode>;

export { TOKEN_HEADER } from './session-token';

/** Who asks: `GET /api/v1/session`. */
export const Session = z.object({
  mode: AuthMode,
  user: z.object({ name: z.string(), issuer: z.string(), role: Role.nullable() }),
  /** The server makes no changes, whoever asks. */
  readOnly: z.boolean(),
  /** Sent as `X-MC-CSRF` with every change. */
  csrf: z.string(),
  /** When it ends at the latest; null when a proxy decides. */
  expiresAt: Instant.nullable(),
});
export type Session = z.infer<typeof Session>;

/** What whoever asks may not do in a cluster, with the reason; what is absent is granted. */
export const ClusterPermissions = z.object({
  session: Session.omit({ csrf: true }),
  refused: z.partialRecord(Permission, z.string()),
});
export type ClusterPermissions = z.infer<typeof ClusterPermissions>;

/** The body of `POST /auth/local`. */
export const LocalSignIn = z.strictObject({ token: z.string().max(128) });
/** The body of `POST /auth/link`. */
export const NewLink = z.strictObject({});
export const SignedIn = z.object({ csrf: z.string(), expiresAt: Instant });
export type SignedIn = z.infer<typeof SignedIn>;

/** The body of `POST /auth/logout`: this session, or all of this person's. */
export const SignOut = z.strictObject({ everywhere: z.boolean().default(false) });
/** Where to go after signing out: the identity provider's page, or the console's own. */
export const SignedOut = z.object({ location: z.string() });
export type SignedOut = z.infer<typeof SignedOut>;

/** Why the sign-in page is shown. */
export const SignInReason = z.enum(['ended', 'signed-out', 'used', 'provider', 'denied', 'failed', 'groups', 'limit']);
export type SignInReason = z.infer<typeof SignInReason>;

/** What the sign-in page is told by the server, beside its address. */
export const SignInPage = z.object({
  mode: AuthMode,
  /** Host of the identity provider. */
  provider: z.string().nullable(),
  reason: SignInReason.nullable(),
});
export type SignInPage = z.infer<typeof SignInPage>;
