import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import { ALL_PERMISSIONS, isChange, PERMISSIONS, type Permission } from '@/contract/permission';
import { type AuthMode, type Session, TOKEN_HEADER } from '@/contract/session';
import type { Failure } from '../http/problem';
import type { Asked, Authorizer } from './authorizer';
import { csrfRefusal } from './csrf';
import type { Identifier, Identity } from './identifier';
import { type Principal, personOf, roleRefusal } from './principal';
import type { Revocations } from './revocations';

/** Where a permission is asked for: no cluster, or a cluster that decides by roles or by its own authorizer. */
export type Place = { authorizer?: Authorizer | undefined } & Partial<Asked>;

export interface AuthOptions {
  identifier: Identifier;
  revocations: Revocations;
  readOnly: boolean;
}

const READ_ONLY: Failure = {
  code: 'read_only',
  detail: 'This console is set to read only: it changes nothing, whoever asks.',
};
const NOBODY: Failure = {
  code: 'unauthenticated',
  detail: 'Nobody is signed in, or the session has ended.',
  nextStep: 'Sign in, then repeat it.',
};

/** Decides, for every request, who asks and whether they may. There is one in the process, on the runtime. */
export class Auth {
  // Next's bundle has its own copy of this module, but reaches this instance through the runtime.
  private readonly asking = new AsyncLocalStorage<{ principal: Principal | undefined; address: string }>();

  constructor(private readonly options: AuthOptions) {}

  get mode(): AuthMode {
    return this.options.identifier.mode;
  }

  get readOnly(): boolean {
    return this.options.readOnly;
  }

  /** Whose browser opens a page. A page carries no data. */
  identifyVisitor(req: IncomingMessage): Identity {
    return this.options.identifier.identify(req);
  }

  /** Who asks for data or a change. */
  identify(req: IncomingMessage): Identity {
    const identity = this.options.identifier.identify(req);
    if (!identity.principal || this.options.identifier.proves(req, identity.principal)) return identity;
    return {};
  }

  holds(principal: Principal): boolean {
    return this.options.identifier.holds(principal);
  }

  /** Calls `listener` whenever some session has ended; the answer ends it. */
  onEnded(listener: () => void): () => void {
    return this.options.revocations.subscribe(listener);
  }

  /** Runs a request's handler so that who asks, and from which address, is known in all that it awaits. */
  run<T>(principal: Principal | undefined, address: string, handler: () => T): T {
    return this.asking.run({ principal, address }, handler);
  }

  /** Who makes the request that is being answered. */
  get current(): Principal | undefined {
    return this.asking.getStore()?.principal;
  }

  get address(): string | undefined {
    return this.asking.getStore()?.address;
  }

  /** Why a request may not even be looked at: nobody asks, or a change does not come from a page of the session. */
  refuseRequest(method: string, headers: Headers): Failure | undefined {
    const principal = this.current;
    if (!principal) return NOBODY;
    if (method === 'GET' || method === 'HEAD') return undefined;
    return csrfRefusal(headers.get(TOKEN_HEADER), principal);
  }

  /** Why `principal` may not do that there, or undefined when they may. */
  async refuse(
    principal: Principal | undefined,
    permission: Permission,
    place: Place = {},
  ): Promise<Failure | undefined> {
    if (!principal) return NOBODY;
    if (this.options.readOnly && isChange(permission) && permission !== 'sessions:end') return READ_ONLY;
    const { authorizer } = place;
    if (!authorizer || PERMISSIONS[permission].kubernetes === null || principal.mode === 'local')
      return roleRefusal(principal, permission);
    return authorizer.refuse(principal, permission, { object: place.object, fresh: place.fresh ?? false });
  }

  /** Every permission that is refused in a place, with the reason as one sentence. */
  async refusals(principal: Principal, place: Place): Promise<Partial<Record<Permission, string>>> {
    const asked = await Promise.all(
      ALL_PERMISSIONS.map(async (permission) => [permission, await this.refuse(principal, permission, place)] as const),
    );
    return Object.fromEntries(
      asked.flatMap(([permission, failure]) => (failure ? [[permission, failure.detail]] : [])),
    );
  }

  session(principal: Principal): Session {
    return {
      mode: principal.mode,
      user: { name: principal.name, issuer: principal.issuer, role: principal.role ?? null },
      readOnly: this.readOnly,
      csrf: principal.csrf,
      expiresAt: principal.session ? new Date(principal.session.expiresAt).toISOString() : null,
    };
  }

  /** Ends the session of whoever asks, or all sessions of that person, wherever they are used. */
  async signOut(principal: Principal, everywhere: boolean): Promise<void> {
    const { revocations, identifier } = this.options;
    if (everywhere) await revocations.endPerson(personOf(principal), identifier.longestMs);
    else if (principal.session) await revocations.end(principal.session);
  }

  /** Ends everybody's session, that of the caller too. */
  endAll(): Promise<void> {
    return this.options.revocations.endAll();
  }
}
