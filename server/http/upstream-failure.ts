import type { ProblemCode } from '@/contract/problem';
import type { UpstreamError } from '../upstream/result';
import type { Failure } from './problem';

/** Problem and HTTP status of an upstream's error kind (wire facts, section 3, as its REST server answers). */
const BY_KIND: Record<string, readonly [code: ProblemCode, status: number]> = {
  NotFound: ['not_found', 404],
  AlreadyExists: ['already_exists', 409],
  Conflict: ['conflict', 409],
  IsDeleting: ['conflict', 409],
  InUse: ['conflict', 409],
  FailedPrecondition: ['upstream_refused', 412],
  NotPublished: ['upstream_refused', 412],
  AlreadyPublished: ['upstream_refused', 412],
  NotShared: ['upstream_refused', 412],
  AlreadyShared: ['upstream_refused', 412],
  ReplicaCountAchieved: ['upstream_refused', 412],
  ReplicaChangeCount: ['upstream_refused', 412],
  ReplicaIncrease: ['upstream_refused', 412],
  ReplicaCreateNumber: ['upstream_refused', 412],
  VolumeNoReplicas: ['upstream_refused', 412],
  ResourceExhausted: ['insufficient_storage', 507],
  CapacityLimitExceeded: ['insufficient_storage', 507],
  FailedPersist: ['upstream_error', 507],
  InvalidArgument: ['upstream_refused', 400],
  OutOfRange: ['upstream_refused', 416],
  NotAcceptable: ['upstream_refused', 406],
  Aborted: ['upstream_error', 503],
  Busy: ['busy', 503],
  Unavailable: ['upstream_unavailable', 503],
  Timeout: ['upstream_timeout', 504],
  DeadlineExceeded: ['upstream_timeout', 504],
  Unimplemented: ['unsupported_by_upstream', 501],
  PermissionDenied: ['upstream_refused', 403],
  Unauthenticated: ['upstream_refused', 403],
};

/** A failure for people of an upstream's error; the upstream's own words stay in `upstream`. */
export function failureOf(error: UpstreamError): Failure {
  const upstream = {
    source: error.source,
    kind: error.kind,
    ...(error.resource === undefined ? {} : { resource: error.resource }),
    message: error.message,
    ...(error.extra === undefined ? {} : { extra: error.extra }),
  };
  if (error.outcome === 'unknown') {
    return {
      code: 'outcome_unknown',
      detail: 'The control plane did not answer in time, so it may or may not have been done.',
      nextStep: 'Look at the object again before repeating it.',
      upstream,
    };
  }
  const [code, status] = Object.hasOwn(BY_KIND, error.kind)
    ? (BY_KIND[error.kind] ?? ['upstream_error', 502])
    : (['upstream_error', 502] as const);
  return {
    code,
    status,
    detail: detailOf(error),
    ...(code === 'upstream_unavailable' ? { nextStep: 'The console keeps trying; see the banner for when.' } : {}),
    upstream,
  };
}

/** A read that timed out changed nothing, so its outcome is not in doubt. */
export function readFailureOf(error: UpstreamError): Failure {
  if (error.outcome !== 'unknown') return failureOf(error);
  return {
    ...failureOf({ ...error, outcome: 'failed' }),
    code: 'upstream_timeout',
    status: 504,
    detail: 'The control plane took too long to answer.',
  };
}

function detailOf(error: UpstreamError): string {
  const words = [error.message, error.extra].filter((x) => x !== undefined && x !== '').join(': ');
  if (error.kind === 'Unavailable') return `The control plane cannot be reached${words ? ` (${words})` : ''}.`;
  return words ? `The cluster said: ${words}` : `The cluster answered ${error.kind}.`;
}
