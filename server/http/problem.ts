import type { Problem, ProblemCode } from '@/contract/problem';

/** What a handler answers instead of a value: everything of a problem document but the request id. */
export type Failure = Omit<Problem, 'requestId' | 'type' | 'title' | 'status'> & {
  status?: number;
  /** Sent as Retry-After. */
  retryAfterSeconds?: number;
};

const STATUS: Record<ProblemCode, readonly [status: number, title: string]> = {
  invalid_request: [400, 'The request is not valid'],
  invalid_json: [400, 'The body is not JSON'],
  invalid_body: [422, 'The request cannot be carried out as it is'],
  invalid_query: [400, 'A query parameter is not valid'],
  invalid_path: [400, 'The address is not valid'],
  unknown_field: [400, 'The body has a field that is not known'],
  not_found: [404, 'Not found'],
  unknown_cluster: [404, 'No such cluster'],
  method_not_allowed: [405, 'Method not allowed'],
  unsupported_media_type: [415, 'The body must be JSON'],
  payload_too_large: [413, 'The body is too large'],
  not_acceptable: [406, 'Not acceptable'],
  misdirected: [421, 'Not served under this name'],
  forbidden: [403, 'Not allowed'],
  unauthenticated: [401, 'Sign in first'],
  csrf_mismatch: [403, 'Not from a page of this session'],
  read_only: [405, 'This console is set to read only'],
  authorization_unavailable: [503, 'It cannot be told whether you may'],
  audit_unavailable: [503, 'The audit log cannot be written'],
  consequences_changed: [409, 'The consequences are others now'],
  conflict: [409, 'Something else is changing this'],
  already_exists: [409, 'It exists already'],
  precondition_failed: [412, 'It has changed since you looked'],
  precondition_required: [428, 'A precondition is missing'],
  key_reused: [422, 'The idempotency key was used for another request'],
  confirm_mismatch: [422, 'The confirmation does not match'],
  last_healthy_copy: [409, 'That would remove the last healthy copy'],
  insufficient_storage: [507, 'Not enough room'],
  too_many_requests: [429, 'Too many requests'],
  stale_data: [503, 'The data is too old to act on'],
  upstream_refused: [409, 'The cluster refused'],
  upstream_unavailable: [503, 'The control plane does not answer'],
  upstream_timeout: [504, 'The control plane took too long'],
  upstream_error: [502, 'The control plane failed'],
  outcome_unknown: [504, 'The outcome is not known'],
  unsupported_by_upstream: [501, 'This cluster cannot do that'],
  busy: [503, 'Too busy'],
  draining: [503, 'The console is being stopped'],
  internal: [500, 'Something went wrong in the console'],
};

/** A complete problem document for a failure. */
export function problemOf({ retryAfterSeconds: _, ...failure }: Failure, requestId: string): Problem {
  const [status, title] = STATUS[failure.code];
  return {
    type: `urn:mayastor-console:${failure.code}`,
    title,
    ...failure,
    status: failure.status ?? status,
    requestId,
  };
}

/** The HTTP answer of a failure, `application/problem+json`. */
export function problemResponse(failure: Failure, requestId: string, headers: Record<string, string> = {}): Response {
  const problem = problemOf(failure, requestId);
  const retryAfter = failure.retryAfterSeconds;
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
      'x-request-id': requestId,
      ...(retryAfter === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) }),
      ...(problem.status === 405 ? { allow: 'GET, HEAD' } : {}),
      ...headers,
    },
  });
}
