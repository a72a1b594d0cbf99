import { type Topic, topicUrl } from '@/contract/keys';
import type { Problem } from '@/contract/problem';
import { tokenHeader } from '../session/token';
import { takeFirstAnswer } from './first-answers';

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

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'detail' in body && 'requestId' in body;

/**
 * Reads JSON; throws an ApiError. An answer of our own server is taken as it is: the server's types are checked where it is
 * made, and a console that was upgraded under an open page is noticed by the stream.
 */
export async function request<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await answerOf(url, init);
  const body: unknown = await response.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null) {
    throw new ApiError(
      local(
        'The server’s answer is not JSON.',
        'Something between this browser and the console may have answered instead.',
      ),
    );
  }
  return body as T; // see above
}

/** A successful answer; throws an ApiError for any other, and for none. */
async function answerOf(url: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  const ask = () =>
    fetch(url, { ...init, headers: { accept: 'application/json', ...tokenHeader(), ...init?.headers } });
  const isPlain = init?.method === undefined && init?.headers === undefined;
  try {
    response = await ((isPlain && takeFirstAnswer(url)?.catch(ask)) || ask());
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(
      local(
        'No answer came.',
        'Check that the console runs and that this machine reaches it; the page tries again by itself.',
      ),
    );
  }
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => undefined);
  throw new ApiError(
    isProblem(body) ? body : local(`The server answered ${response.status}.`, 'Try again in a moment.'),
  );
}

/**
 * Saves what a GET answers as a file and returns its bytes. Not by a link: in the local mode a read, too, carries a header. A file
 * that breaks off is not saved, because nobody would see that its end is missing.
 */
export async function download(
  url: string,
  file: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<number> {
  const response = await answerOf(url, { signal, headers: { accept: '*/*' } });
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  try {
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      parts.push(part.value);
      bytes += part.value.byteLength;
      onBytes(bytes);
    }
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError(local('The download broke off, and nothing was saved.', 'Try again.'));
  }
  const object = URL.createObjectURL(new Blob(parts, { type: response.headers.get('content-type') ?? '' }));
  const link = document.createElement('a');
  link.href = object;
  link.download = file;
  link.click();
  // The browser has taken hold of it once the click is done.
  setTimeout(() => URL.revokeObjectURL(object), 60_000);
  return bytes;
}

/** The answer of a GET below the cluster. */
export const read = <T>(cluster: string, topic: Topic<T>, signal: AbortSignal): Promise<T> =>
  request<T>(topicUrl(cluster, topic), { signal });

/** A change: JSON body, with the preconditions that the route asks for. */
export function change<T>(
  method: 'POST' | 'PUT' | 'DELETE',
  url: string,
  body: unknown,
  headers: { ifMatch?: string; idempotencyKey?: string } = {},
): Promise<T> {
  return request<T>(url, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(headers.ifMatch ? { 'if-match': headers.ifMatch } : {}),
      ...(headers.idempotencyKey ? { 'idempotency-key': headers.idempotencyKey } : {}),
    },
  });
}
