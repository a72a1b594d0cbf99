import { createPrivateKey, createSign, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export const CLIENT = { id: 'console', secret: 'a-secret-of-the-client' };

/** A token's header and claims, to be changed before they are signed again. */
export interface Token {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
}

/** Signs a changed token; `undefined` leaves it as it came. */
type Tamper = (token: Token, key: JsonWebKey) => string;

let keys = 0;
function newKey(): JsonWebKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  keys += 1;
  return { ...privateKey.export({ format: 'jwk' }), kid: `key-${keys}`, use: 'sig', alg: 'RS256' };
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A compact JWS, signed with RS256 whatever the header says. */
export function sign({ header, claims }: Token, key: JsonWebKey): string {
  const text = `${encode(header)}.${encode(claims)}`;
  const signer = createSign('sha256').update(text);
  return `${text}.${signer.sign(createPrivateKey({ key, format: 'jwk' }), 'base64url')}`;
}

/** A real OpenID Connect provider on loopback; everybody who comes is signed in as `account` and has agreed to all. */
export class TestProvider {
  account = { sub: 'u-1', name: 'Ana', groups: ['storage-admins'] as unknown };
  tamper: Tamper | undefined;
  /** Requests that came, `METHOD /path` each. */
  readonly requests: string[] = [];
  issuer = '';
  private key = newKey();
  private server: Server | undefined;
  private provider: Provider | undefined;
  private port = 0;

  constructor(private readonly publicUrl: () => string) {}

  async start(): Promise<void> {
    const server = createServer((req, res) => void this.handle(req, res));
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port; // a TCP server's address is never a string
    this.issuer = `http://127.0.0.1:${this.port}`;
    this.make();
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  /** The provider signs with another key from now on, and does not offer the old one any more. */
  rotateKeys(): void {
    this.key = newKey();
    this.make();
  }

  private make(): void {
    const scopes = ['openid', 'profile', 'groups'];
    this.provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          token_endpoint_auth_method: 'client_secret_post',
          redirect_uris: [`${this.publicUrl()}/auth/callback`],
          post_logout_redirect_uris: [`${this.publicUrl()}/login?reason=signed-out`],
        },
      ],
      jwks: { keys: [this.key] },
      cookies: { keys: ['only for tests'] },
      scopes,
      claims: { openid: ['sub'], profile: ['name'], groups: ['groups'] },
      features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
      interactions: { url: () => '/interaction' },
      findAccount: () => ({ accountId: this.account.sub, claims: async () => ({ ...this.account }) }),
      loadExistingGrant: async (ctx: { oidc: { session: { accountId: string } } }) => {
        if (!this.provider) return undefined;
        const grant = new this.provider.Grant({ clientId: CLIENT.id, accountId: ctx.oidc.session.accountId });
        grant.addOIDCScope(scopes.join(' '));
        await grant.save();
        return grant;
      },
    });
  }

  private async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = (req.url ?? '').split('?', 1)[0] ?? '';
    this.requests.push(`${req.method} ${path}`);
    if (path === '/interaction') {
      await this.provider?.interactionFinished(req, res, { login: { accountId: this.account.sub } });
      return;
    }
    if (path === '/token' && this.tamper) this.changeAnswer(res, this.tamper);
    await this.provider?.callback()(req, res);
  }

  private changeAnswer(res: ServerResponse, tamper: Tamper): void {
    const end = res.end.bind(res);
    const { key } = this;
    res.end = ((body?: unknown) => {
      const answer: unknown = JSON.parse(String(body));
      if (typeof answer !== 'object' || answer === null || !('id_token' in answer)) return end(body as string);
      const [header = '', claims = ''] = String(answer.id_token).split('.');
      const decode = (part: string): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString());
      const changed = JSON.stringify({
        ...answer,
        id_token: tamper({ header: decode(header), claims: decode(claims) }, key),
      });
      res.setHeader('content-length', Buffer.byteLength(changed));
      return end(changed);
    }) as typeof res.end; // called with a whole body only
  }
}

/** A browser as far as redirects and cookies go. */
export class Browser {
  readonly cookies = new Map<string, string>();

  /** Asks once; redirects are not followed. */
  async get(url: string, headers: Record<string, string> = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie, ...headers } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** Follows redirects while they lead somewhere that `isOver` does not name; the answer is the last one with its address. */
  async follow(url: string, isOver: (url: string) => boolean): Promise<{ url: string; response: Response }> {
    let at = url;
    for (let i = 0; i < 20; i += 1) {
      const response = await this.get(at);
      const location = response.headers.get('location');
      if (location === null) return { url: at, response };
      at = new URL(location, at).href;
      if (isOver(at)) return { url: at, response };
    }
    throw new Error(`too many redirects from ${url}`);
  }
}
