import { randomUUID } from 'node:crypto';
import { runtime } from '../runtime';
import { problemResponse } from './problem';

/** Answers every address below /api that no route takes: 401 to whoever is not signed in, 404 to all others. */
export function nothingHere(req: Request): Response {
  const { auth } = runtime();
  const refusal =
    auth.refuseRequest(req.method, req.headers) ??
    (auth.current ? undefined : ({ code: 'unauthenticated', detail: 'Nobody is signed in.' } as const));
  return problemResponse(
    refusal ?? {
      code: 'not_found',
      detail: 'The API has nothing at this address.',
      nextStep: 'GET /api/v1/openapi.json describes every address there is.',
    },
    randomUUID(),
  );
}
