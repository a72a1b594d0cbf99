import type { FileAnswer } from './file-answer';
import type { Failure } from './problem';

/** What a handler returns: an answer, or a failure for the edge to turn into a problem document. */
export type Answer<T> =
  | {
      ok: true;
      value: T;
      status?: number;
      etag?: string;
      /** Sent in place of the value. */
      file?: FileAnswer;
    }
  | { ok: false; failure: Failure };

export const answer = <T>(value: T, extra: { status?: number; etag?: string } = {}): Answer<T> => ({
  ok: true,
  value,
  ...extra,
});
export const fail = (failure: Failure): { ok: false; failure: Failure } => ({ ok: false, failure });
