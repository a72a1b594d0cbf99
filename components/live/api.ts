import type { z } from 'zod';
import { Problem } from '@/contract/problem';

/** A failed request with its problem document. Thrown only to hand it to TanStack Query. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
    this.name = 'ApiError';
  }
}

const local = (detail: string, nextStep: string): Problem => ({
  type: 'about:blank',
  title: 'The console’s server does not answer',
  status: 0,
  code: 'upstream_unavailable',
  detail,
  nextStep,
  requestId: 'none',
});

/** Reads JSON and checks it against the contract; throws an ApiError. */
export async function request<T extends z.ZodType>(url: string, schema: T, init?: RequestInit): Promise<z.output<T>> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, headers: { accept: 'application/json', ...init?.headers } });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(
      local(
        'No answer came.',
        'Check that the console runs and that this machine reaches it; the page tries again by itself.',
      ),
    );
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    const problem = Problem.safeParse(body);
    throw new ApiError(
      problem.success ? problem.data : local(`The server answered ${response.status}.`, 'Try again in a moment.'),
    );
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    const at = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new ApiError(
      local(
        `The server’s answer has an unexpected form (${at}).`,
        'Reload the page: the console may have been upgraded.',
      ),
    );
  }
  return parsed.data;
}

/** A change: JSON body, with the preconditions that the route asks for. @public */
export function change<T extends z.ZodType>(
  method: 'POST' | 'PUT' | 'DELETE',
  url: string,
  schema: T,
  body: unknown,
  headers: { ifMatch?: string; idempotencyKey?: string } = {},
): Promise<z.output<T>> {
  return request(url, schema, {
    method,
    body: JSON.stringify(body),
    headers: {
      'content-type': 'application/json',
      ...(headers.ifMatch ? { 'if-match': headers.ifMatch } : {}),
      ...(headers.idempotencyKey ? { 'idempotency-key': headers.idempotencyKey } : {}),
    },
  });
}
