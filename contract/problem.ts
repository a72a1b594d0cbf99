import * as z from 'zod';

/** Stable codes of refusals and failures; sentences may change, these do not. */
export const ProblemCode = z.enum([
  'invalid_request',
  'invalid_json',
  'invalid_body',
  'invalid_query',
  'invalid_path',
  'unknown_field',
  'not_found',
  'unknown_cluster',
  'method_not_allowed',
  'unsupported_media_type',
  'payload_too_large',
  'not_acceptable',
  'misdirected',
  'forbidden',
  'unauthenticated',
  'csrf_mismatch',
  'read_only',
  'authorization_unavailable',
  'audit_unavailable',
  'consequences_changed',
  'conflict',
  'already_exists',
  'precondition_failed',
  'precondition_required',
  'key_reused',
  'confirm_mismatch',
  'last_healthy_copy',
  'insufficient_storage',
  'too_many_requests',
  'stale_data',
  'upstream_refused',
  'upstream_unavailable',
  'upstream_timeout',
  'upstream_error',
  'outcome_unknown',
  'unsupported_by_upstream',
  'busy',
  'draining',
  'internal',
]);
export type ProblemCode = z.infer<typeof ProblemCode>;

/** RFC 9457 problem document. Every error answer of the API has this shape. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: ProblemCode,
  /** One sentence for a person. */
  detail: z.string(),
  /** What to do next, when we know. */
  nextStep: z.string().optional(),
  requestId: z.string(),
  /** Field errors, `path` in dots as the form names the field; `at`: index of the offending character, where there is one. */
  fields: z.array(z.object({ path: z.string(), message: z.string(), at: z.int().optional() })).optional(),
  upstream: z
    .object({
      source: z.string(),
      kind: z.string(),
      resource: z.string().optional(),
      message: z.string(),
      extra: z.string().optional(),
    })
    .optional(),
  operationId: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;
