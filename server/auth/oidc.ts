import { createHash } from 'node:crypto';
import * as client from 'openid-client';
import { z } from 'zod';
import { returnPath } from '@/contract/return-path';
import { type CookieRules, cookieValues, setCookie } from './cookies';

import type { Sealer } from './seal';
import type { Person } from './sessions';

export interface OidcConfig {
  issuer: string;
  clientId: string;
  /** Undefined for a public client, which PKCE alone protects. */
  clientSecret: string | undefined;
  scopes: string;
  groupsClaim: string;
  nameClaim: string;
}

export interface OidcOptions {
  config: OidcConfig;
  /** Where people open the console; the provider sends them back to `/auth/callback` below it. */
  publicUrl: string;
  sealer: Sealer;
  /** Of a sign-in that is under way. */
  cookie: CookieRules;
  now: () => number;
}

/** Why nobody was signed in. `provider`: it cannot be reached. `groups`: more than can be kept, or not sent at all. */
export type OidcFailure = 'provider' | 'denied' | 'failed' | 'groups' | 'invalid';
export type OidcEnd =
  | { ok: true; person: Person; to: string; clearCookie: string }
  | { ok: false; reason: OidcFailure; detail: string; clearCookie?: string };

/** A sign-in that is under way: sealed in a cookie of its own, so that no server keeps it and several tabs do not mix. */
const Transaction = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  to: z.string(),
  at: z.number(),
});

const TRANSACTION_MS = 10 * 60_000;
const METADATA_MS = 5 * 60_000;
const TIMEOUT_S = 5;
const MAX_GROUPS = 200;
const PURPOSE = 'oidc sign-in';

/** Signing in at an OpenID Connect provider: authorization code with PKCE, state and nonce, ID token checked with its keys. */
export class OidcSignIn {
  private metadata: { value: client.ServerMetadata; at: number } | undefined;

  constructor(private readonly options: OidcOptions) {}

  /** The provider's host, for people. */
  get provider(): string {
    return new URL(this.options.config.issuer).host;
  }

  /** Where to send the browser, and the cookie to send with it. */
  async begin(
    to: string | null,
  ): Promise<{ ok: true; location: string; setCookie: string } | { ok: false; detail: string }> {
    const { sealer, now, publicUrl, config } = this.options;
    const discovered = await this.discovered();
    if (!discovered.ok) return discovered;
    const transaction = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
      to: returnPath(to),
      at: now(),
    };
    const url = client.buildAuthorizationUrl(discovered.config, {
      redirect_uri: `${publicUrl}/auth/callback`,
      scope: config.scopes,
      state: transaction.state,
      nonce: transaction.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(transaction.verifier),
      code_challenge_method: 'S256',
    });
    const cookie = this.cookieOf(transaction.state);
    return {
      ok: true,
      location: url.href,
      setCookie: setCookie(cookie, sealer.seal(`${PURPOSE} ${cookie.name}`, transaction), TRANSACTION_MS / 1000),
    };
  }

  /** Takes the provider's answer. `search` is the query of the callback as it came, `cookies` the Cookie header. */
  async finish(search: string, cookies: string | undefined): Promise<OidcEnd> {
    const params = new URLSearchParams(search);
    for (const name of ['state', 'code', 'iss', 'error'])
      if (params.getAll(name).length > 1) return { ok: false, reason: 'invalid', detail: `${name} is there twice` };
    const state = params.get('state') ?? '';
    const transaction = this.transactionOf(state, cookies);
    if (!transaction) return { ok: false, reason: 'invalid', detail: 'no sign-in of this browser is under way for it' };
    const clearCookie = setCookie(this.cookieOf(state), undefined, 0);
    if (params.has('error')) return { ok: false, reason: 'denied', detail: codeOf(params.get('error')), clearCookie };
    if (!params.get('code')) return { ok: false, reason: 'invalid', detail: 'no code', clearCookie };
    const discovered = await this.discovered();
    if (!discovered.ok) return { ok: false, reason: 'provider', detail: discovered.detail, clearCookie };
    try {
      const tokens = await client.authorizationCodeGrant(
        discovered.config,
        new URL(`${this.options.publicUrl}/auth/callback?${params}`),
        {
          pkceCodeVerifier: transaction.verifier,
          expectedState: transaction.state,
          expectedNonce: transaction.nonce,
          idTokenExpected: true,
        },
      );
      const person = await this.personOf(discovered.config, tokens);
      return 'person' in person
        ? { ok: true, person: person.person, to: transaction.to, clearCookie }
        : { ok: false, reason: 'groups', detail: person.refusal, clearCookie };
    } catch (error) {
      return { ok: false, reason: isUnreachable(error) ? 'provider' : 'failed', detail: wordsOf(error), clearCookie };
    }
  }

  /** The provider's own sign-out page, when it has one. */
  async farewell(): Promise<string | undefined> {
    const discovered = await this.discovered();
    if (!discovered.ok || discovered.config.serverMetadata().end_session_endpoint === undefined) return undefined;
    return client.buildEndSessionUrl(discovered.config, {
      client_id: this.options.config.clientId,
      post_logout_redirect_uri: `${this.options.publicUrl}/login?reason=signed-out`,
    }).href;
  }

  /**
   * The provider as it describes itself, read again every 5 minutes. Each answer is a configuration of its own, so that its
   * keys are read anew for each sign-in: a key that was just changed is known at once, and sign-ins are limited anyway.
   */
  async discovered(): Promise<{ ok: true; config: client.Configuration } | { ok: false; detail: string }> {
    const { config, now } = this.options;
    try {
      const issuer = new URL(config.issuer);
      if (!this.metadata || now() - this.metadata.at >= METADATA_MS) {
        const found = await client.discovery(issuer, config.clientId, undefined, undefined, {
          timeout: TIMEOUT_S,
          execute: issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [],
        });
        this.metadata = { value: structuredClone({ ...found.serverMetadata() }), at: now() };
      }
      const made = new client.Configuration(
        structuredClone(this.metadata.value),
        config.clientId,
        { [client.clockTolerance]: 30 },
        config.clientSecret === undefined ? client.None() : client.ClientSecretPost(config.clientSecret),
      );
      made.timeout = TIMEOUT_S;
      if (issuer.protocol === 'http:') client.allowInsecureRequests(made); // loopback only: the configuration says so
      // The signature, too, although the token came over TLS.
      client.enableNonRepudiationChecks(made);
      return { ok: true, config: made };
    } catch (error) {
      return { ok: false, detail: wordsOf(error) };
    }
  }

  private async personOf(
    configuration: client.Configuration,
    tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers,
  ): Promise<{ person: Person } | { refusal: string }> {
    const { config } = this.options;
    const claims = tokens.claims();
    if (!claims || typeof claims.sub !== 'string' || claims.sub === '' || claims.sub.length > 255)
      throw new Error('the ID token names nobody');
    let said: Record<string, unknown> = claims;
    const hasUserInfo = configuration.serverMetadata().userinfo_endpoint !== undefined;
    // Many providers keep the ID token small and tell the rest when asked.
    if (said[config.groupsClaim] === undefined && hasUserInfo)
      said = { ...(await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...said };
    const groups = groupsOf(said, config.groupsClaim);
    if (typeof groups === 'string') return { refusal: groups };
    const name = said[config.nameClaim] ?? said.preferred_username ?? said.email;
    return {
      person: {
        issuer: claims.iss,
        subject: claims.sub,
        name: typeof name === 'string' && name !== '' ? name : claims.sub,
        groups,
      },
    };
  }

  private transactionOf(state: string, cookies: string | undefined): z.output<typeof Transaction> | undefined {
    const { sealer, now } = this.options;
    if (!/^[\w-]{20,200}$/.test(state)) return undefined;
    const { name } = this.cookieOf(state);
    for (const value of cookieValues(cookies, name)) {
      const parsed = Transaction.safeParse(sealer.open(`${PURPOSE} ${name}`, value));
      if (parsed.success && parsed.data.state === state && now() - parsed.data.at < TRANSACTION_MS) return parsed.data;
    }
    return undefined;
  }

  private cookieOf(state: string): CookieRules {
    const tab = createHash('sha256').update(state).digest('base64url').slice(0, 8);
    return { ...this.options.cookie, name: `${this.options.cookie.name}_${tab}` };
  }
}

/** The groups claim; a sentence when it is not one that decisions can be made by. */
function groupsOf(said: Record<string, unknown>, claim: string): string[] | string {
  const value = said[claim];
  const elsewhere = said._claim_names;
  if (typeof elsewhere === 'object' && elsewhere !== null && claim in elsewhere)
    return 'the provider sent no groups, because there are too many for a token';
  if (value === undefined || value === null) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > MAX_GROUPS) return `more than ${MAX_GROUPS} groups`;
  const groups = list.filter((g): g is string => typeof g === 'string' && g !== '' && g.length <= 256);
  return groups.length === list.length ? groups : 'a group that is not a name of at most 256 characters';
}

const codeOf = (text: string | null): string => (/^[a-z_]{1,64}$/.test(text ?? '') ? (text ?? '') : 'an error');

function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return true;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'OAUTH_TIMEOUT' || /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|UND_ERR)/.test(code)) return true;
  return error.cause !== undefined && error.cause !== error && isUnreachable(error.cause);
}

/** For the log and the audit; never for a page. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, 200);
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${code}${error.message}${cause}`.slice(0, 300);
}
