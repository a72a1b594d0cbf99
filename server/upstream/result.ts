/** Errors are values until the edge. */
export type Result<T, E = UpstreamError> = { ok: true; value: T } | { ok: false; error: E };

export const ok = <T>(value: T): { ok: true; value: T } => ({ ok: true, value });
export const err = <E>(error: E): { ok: false; error: E } => ({ ok: false, error });

/** What went wrong at an upstream. */
export interface UpstreamError {
  source: 'agent-core' | 'io-engine';
  /** ReplyErrorKind's name, or the gRPC status' name; `Kind(49)` for one of a newer server. */
  kind: string;
  /** What kind of thing it is about (ResourceKind's name). */
  resource?: string;
  message: string;
  /** The detail, often the useful half. */
  extra?: string;
  /** A read may be repeated; a change never is, it is settled by re-reading. */
  retryable: boolean;
  /** `refused`: nothing was done. `failed`: it was tried and failed. `unknown`: the call ended before an answer came. */
  outcome: 'refused' | 'failed' | 'unknown';
}
