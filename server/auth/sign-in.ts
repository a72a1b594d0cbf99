import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LocalSignIn, NewLink, type SignInPage, SignInReason, SignOut, TOKEN_HEADER } from '@/contract/session';
import type { AuditLog } from '../audit/audit';
import { isJson, parseBody } from '../http/body';
import type { Failure } from '../http/problem';
import { readBytes } from '../http/read-bytes';
import { sendFailure, sendJson } from '../http/reply';
import type { Traffic } from '../limits/traffic';
import type { Auth } from './auth';
import { csrfRefusal } from './csrf';
import type { LocalLink } from './local-link';
import type { OidcSignIn } from './oidc';
import type { Principal } from './principal';
import type { Sessions } from './sessions';

/** How people sign in, with what it takes. */
export type Way =
  | { mode: 'local'; link: LocalLink; sessions: Sessions; user: string; print: (token: string) => void }
  | { mode: 'oidc'; oidc: OidcSignIn; sessions: Sessions }
  | { mode: 'trusted-proxy'; signOutUrl: string | undefined };

const SUMMARY = {
  'session.start': 'Signed in',
  'session.refused': 'A sign-in was refused',
  'session.end': 'Signed out',
  'session.link': 'A link to sign in was printed',
} as const;

export interface SignInOptions {
  way: Way;
  auth: Auth;
  audit: AuditLog;
  traffic: Traffic;
  /** The Set-Cookie that takes a session's cookie away. */
  farewell: string | undefined;
}

interface From {
  path: string;
  address: string;
  principal: Principal | undefined;
}

/** The routes below `/auth/`: signing in and out. Served before Next, because they set cookies and redirect. */
export class SignIn {
  constructor(private readonly options: SignInOptions) {}

  /** What the sign-in page is told. */
  page(query: URLSearchParams): SignInPage {
    const { way } = this.options;
    const reason = SignInReason.safeParse(query.get('reason'));
    return {
      mode: way.mode,
      provider: way.mode === 'oidc' ? way.oidc.provider : null,
      reason: reason.success ? reason.data : null,
    };
  }

  async handle(req: IncomingMessage, res: ServerResponse, from: From): Promise<void> {
    const { way } = this.options;
    const method = req.method ?? '';
    const routes: Record<string, readonly [method: string, run: () => void | Promise<void>]> = {
      ...(way.mode === 'local'
        ? {
            '/auth/local': ['POST', () => this.local(way, req, res, from)],
            '/auth/link': ['POST', () => this.newLink(way, req, res, from)],
          }
        : {}),
      ...(way.mode === 'oidc'
        ? {
            '/auth/login': ['GET', () => this.begin(way, req, res, from)],
            '/auth/callback': ['GET', () => this.finish(way, req, res, from)],
          }
        : {}),
      '/auth/logout': ['POST', () => this.signOut(req, res, from)],
    };
    const found = Object.hasOwn(routes, from.path) ? routes[from.path] : undefined;
    if (!found)
      return sendFailure(req, res, { code: 'not_found', detail: 'There is nothing at this address.' }, { close: true });
    const [allow, run] = found;
    if (method !== allow) {
      const failure = { code: 'method_not_allowed', detail: `This takes ${allow} only.` } as const;
      return sendFailure(req, res, failure, { allow, close: true });
    }
    await run();
  }

  private async local(
    way: Way & { mode: 'local' },
    req: IncomingMessage,
    res: ServerResponse,
    from: From,
  ): Promise<void> {
    const body = await this.body(req, res, LocalSignIn, from);
    if (!body) return;
    if (!way.link.take(body.token)) {
      this.record(from, 'session.refused', 'refused', 'unauthenticated');
      return sendFailure(req, res, {
        code: 'unauthenticated',
        detail: 'This link was used before, or is too old.',
        nextStep: 'Have the console print a new one.',
      });
    }
    const started = way.sessions.start({ issuer: 'local', subject: way.user, name: way.user, groups: [] });
    if (!started) throw new Error('a local session does not fit a cookie');
    res.setHeader('set-cookie', started.setCookie);
    this.record({ ...from, principal: started.principal }, 'session.start', 'ok');
    const { csrf, session } = started.principal;
    sendJson(req, res, 200, { csrf, expiresAt: new Date(session?.expiresAt ?? 0).toISOString() });
  }

  /** Prints a new link where the console runs: only whoever sees that can use it. */
  private async newLink(
    way: Way & { mode: 'local' },
    req: IncomingMessage,
    res: ServerResponse,
    from: From,
  ): Promise<void> {
    if (!(await this.body(req, res, NewLink, from))) return;
    const token = way.link.renew();
    if (token !== undefined) {
      way.print(token);
      this.record(from, 'session.link', 'ok');
    }
    sendJson(req, res, 200, { printed: true });
  }

  private async begin(
    way: Way & { mode: 'oidc' },
    req: IncomingMessage,
    res: ServerResponse,
    from: From,
  ): Promise<void> {
    if (this.options.traffic.signIn(from.address)) return redirect(res, '/login?reason=limit');
    const { searchParams } = new URL(req.url ?? '/', 'http://console');
    const begun = await way.oidc.begin(searchParams.get('to'));
    if (!begun.ok) {
      logFailure('sign-in cannot begin', begun.detail);
      return redirect(res, '/login?reason=provider');
    }
    res.setHeader('set-cookie', begun.setCookie);
    redirect(res, begun.location);
  }

  private async finish(
    way: Way & { mode: 'oidc' },
    req: IncomingMessage,
    res: ServerResponse,
    from: From,
  ): Promise<void> {
    const url = req.url ?? '';
    const end = await way.oidc.finish(url.slice(from.path.length + 1), req.headers.cookie);
    const cookies = end.clearCookie === undefined ? [] : [end.clearCookie];
    if (!end.ok) {
      res.setHeader('set-cookie', cookies);
      this.record(from, 'session.refused', 'refused', end.reason);
      logFailure('sign-in failed', end.detail);
      if (end.reason === 'invalid') {
        const detail = 'This is not the answer to a sign-in that this browser has begun.';
        return sendFailure(req, res, { code: 'invalid_request', detail, nextStep: 'Begin again at /login.' });
      }
      return redirect(res, `/login?reason=${end.reason}`);
    }
    const started = way.sessions.start(end.person);
    if (!started) {
      res.setHeader('set-cookie', cookies);
      this.record(from, 'session.refused', 'refused', 'groups');
      logFailure('sign-in failed', 'the groups do not fit a cookie');
      return redirect(res, '/login?reason=groups');
    }
    res.setHeader('set-cookie', [...cookies, started.setCookie]);
    this.record({ ...from, principal: started.principal }, 'session.start', 'ok');
    redirect(res, end.to);
  }

  private async signOut(req: IncomingMessage, res: ServerResponse, from: From): Promise<void> {
    const { auth, way, farewell } = this.options;
    const { principal } = from;
    if (!principal)
      return sendFailure(req, res, { code: 'unauthenticated', detail: 'Nobody is signed in.' }, { close: true });
    const sent = req.headers[TOKEN_HEADER];
    const refusal = csrfRefusal(typeof sent === 'string' ? sent : undefined, principal);
    if (refusal) return sendFailure(req, res, refusal, { close: true });
    const body = await this.body(req, res, SignOut, from);
    if (!body) return;
    await auth.signOut(principal, body.everywhere);
    this.record(from, 'session.end', 'ok');
    if (farewell !== undefined) res.setHeader('set-cookie', farewell);
    res.setHeader('clear-site-data', '"cache", "storage"');
    const elsewhere =
      way.mode === 'oidc' ? await way.oidc.farewell() : way.mode === 'trusted-proxy' ? way.signOutUrl : undefined;
    sendJson(req, res, 200, { location: elsewhere ?? '/login?reason=signed-out' });
  }

  /** A JSON body by schema; answers and gives undefined when there is none, or when signing in is asked for too often. */
  private async body<S extends Parameters<typeof parseBody>[1]>(
    req: IncomingMessage,
    res: ServerResponse,
    schema: S,
    from: From,
  ): Promise<ReturnType<S['parse']> | undefined> {
    const tooMany = from.principal ? undefined : this.options.traffic.signIn(from.address);
    const refuse = (failure: Failure, close = false) => {
      sendFailure(req, res, failure, { close });
      return undefined;
    };
    if (tooMany) return refuse(tooMany, true);
    if (!isJson(req.headers['content-type']))
      return refuse({ code: 'unsupported_media_type', detail: 'Send the body as application/json.' }, true);
    const parsed = parseBody(await readBytes(req), schema);
    if ('failure' in parsed) return refuse(parsed.failure);
    return parsed.value as ReturnType<S['parse']>; // what the schema gives
  }

  private record(
    { principal, address, path }: From,
    action: keyof typeof SUMMARY,
    result: 'ok' | 'refused',
    error?: string,
  ): void {
    const subject = { principal, address, requestId: randomUUID(), action, summary: SUMMARY[action], body: { path } };
    this.options.audit.event(subject, result, error);
  }
}

function redirect(res: ServerResponse, location: string): void {
  res.statusCode = 303;
  res.setHeader('location', location);
  res.setHeader('cache-control', 'no-store');
  res.end();
}

/** The reason is for the log alone: it may quote what a stranger sent. */
function logFailure(event: string, detail: string): void {
  console.error(JSON.stringify({ level: 'warn', event, detail: detail.replace(/\p{C}/gu, ' ').slice(0, 300) }));
}
