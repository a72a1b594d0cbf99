import { createHash } from 'node:crypto';
import { isChange, PERMISSIONS, type Permission } from '@/contract/permission';
import type { Failure } from '../http/problem';
import type { AccessReview, ReviewAnswer } from '../upstream/kubernetes/access-review';
import type { Principal } from './principal';

/** What is about to be done. */
export interface Asked {
  /** The object of a change, for rules that name objects. */
  object?: string | undefined;
  /** The decision is for a change that follows at once: one from before will not do. */
  fresh: boolean;
}

/** Decides in one cluster what roles do not. */
export interface Authorizer {
  refuse(principal: Principal, permission: Permission, asked: Asked): Promise<Failure | undefined>;
}

export interface KubernetesAuthorizerOptions {
  review(review: AccessReview): Promise<ReviewAnswer>;
  /** Stand before the subject and before each group, as the API server's own OIDC options may put them. */
  userPrefix: string;
  groupsPrefix: string;
  now: () => number;
}

/** The API group of the console's virtual resources: RBAC takes rules for resources that do not exist. */
const GROUP = 'console.openebs.io';
const ALLOWED_MS = 30_000;
const DENIED_MS = 5_000;
/** A read that was allowed so long ago goes on while the API server does not answer. */
const GRACE_MS = 60_000;
const MAX_KEPT = 10_000;

/**
 * Asks the cluster's Kubernetes API with SubjectAccessReviews. Changes are asked anew each time; an API server that does not
 * answer never means yes to a change.
 */
export class KubernetesAuthorizer implements Authorizer {
  private readonly kept = new Map<string, { answer: ReviewAnswer & { kind: 'allowed' | 'denied' }; at: number }>();

  constructor(private readonly options: KubernetesAuthorizerOptions) {}

  async refuse(principal: Principal, permission: Permission, asked: Asked): Promise<Failure | undefined> {
    const tuple = PERMISSIONS[permission].kubernetes;
    if (!tuple) return { code: 'forbidden', detail: 'Kubernetes does not decide this.' };
    const review = this.reviewOf(principal, tuple, isChange(permission) ? asked.object : undefined);
    const key = createHash('sha256').update(JSON.stringify(review)).digest('base64url');
    const before = this.kept.get(key);
    const passed = before ? this.options.now() - before.at : Number.POSITIVE_INFINITY;
    // An answer of the future is none: by it a clock that was set back would keep a permission that is gone.
    const age = passed < 0 ? Number.POSITIVE_INFINITY : passed;
    if (!asked.fresh && before && age < (before.answer.kind === 'allowed' ? ALLOWED_MS : DENIED_MS))
      return refusalOf(before.answer, principal, permission);
    const answer = await this.options.review(review);
    if (answer.kind === 'unavailable') {
      if (!isChange(permission) && before?.answer.kind === 'allowed' && age < GRACE_MS) return undefined;
      return {
        code: 'authorization_unavailable',
        detail: `Kubernetes, which decides what you may do here, does not answer (${answer.reason}).`,
        nextStep: 'Try again when its API server is back.',
        retryAfterSeconds: 5,
      };
    }
    this.keep(key, answer);
    return refusalOf(answer, principal, permission);
  }

  private reviewOf(p: Principal, [verb, path]: readonly [string, string], name: string | undefined): AccessReview {
    const [resource = '', subresource] = path.split('/');
    return {
      user: `${this.options.userPrefix}${p.subject}`,
      groups: p.groups.map((g) => `${this.options.groupsPrefix}${g}`),
      group: GROUP,
      verb,
      resource,
      ...(subresource === undefined ? {} : { subresource }),
      ...(name === undefined ? {} : { name }),
    };
  }

  private keep(key: string, answer: ReviewAnswer & { kind: 'allowed' | 'denied' }): void {
    this.kept.delete(key);
    this.kept.set(key, { answer, at: this.options.now() });
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= MAX_KEPT) break;
      this.kept.delete(oldest);
    }
  }
}

function refusalOf(answer: ReviewAnswer, principal: Principal, permission: Permission): Failure | undefined {
  if (answer.kind === 'allowed') return undefined;
  return {
    code: 'forbidden',
    detail: `Kubernetes does not let ${principal.name} ${PERMISSIONS[permission].what}.`,
    nextStep: 'Ask the cluster’s administrator to bind a role that does.',
  };
}
