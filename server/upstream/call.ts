import { type CallOptions, type ChannelOptions, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { type ReplyError, ReplyErrorKind, ResourceKind } from '@/gen/v1/misc/common';
import type { Gate } from './gate';
import { cut, wordsOf } from './reply-words';
import { err, ok, type Result, type UpstreamError } from './result';

/** Channel options for both upstreams: they find a dead peer, come back quickly, and take big replies (wire facts, 2). */
export const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 3_000,
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
  'grpc.max_send_message_length': 1024 * 1024,
  'grpc.enable_retries': 0,
  'grpc.dns_min_time_between_resolutions_ms': 5_000,
  // A proxy from the environment must never see the control plane's traffic.
  'grpc.enable_http_proxy': 0,
};

export type UnaryMethod<Req, Res> = (
  request: Req,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Res) => void,
) => unknown;

/** Hears of each call that has ended: `OK` or the kind of its error, and how long it took, waiting for a place included. */
export type CallObserver = (ended: { upstream: UpstreamError['source']; code: string; ms: number }) => void;

/** Tells `observe` how a call ended, errors inside successful replies included. */
export async function observed<T>(
  upstream: UpstreamError['source'],
  observe: CallObserver | undefined,
  send: () => Promise<Result<T>>,
): Promise<Result<T>> {
  if (!observe) return send();
  const begun = performance.now();
  const reply = await send();
  observe({ upstream, code: reply.ok ? inBandKind(reply.value) : reply.error.kind, ms: performance.now() - begun });
  return reply;
}

function inBandKind(value: unknown): string {
  const { reply, error } = (value ?? {}) as { reply?: { $case?: string; value?: ReplyError }; error?: ReplyError };
  const failed = reply?.$case === 'error' ? reply.value : error;
  return failed ? (ReplyErrorKind[failed.kind] ?? `Kind(${failed.kind})`) : 'OK';
}

/** One unary call with a deadline. Transport errors become an UpstreamError, so nothing is thrown. */
export function call<Req, Res>(
  source: UpstreamError['source'],
  method: UnaryMethod<Req, Res>,
  request: Req,
  deadlineMs: number,
): Promise<Result<Res>> {
  return new Promise((resolve) => {
    try {
      method(request, new Metadata(), { deadline: Date.now() + deadlineMs }, (error, response) => {
        resolve(error ? err(transportError(source, error)) : ok(response));
      });
    } catch (error) {
      // grpc-js throws when a request cannot be encoded or the client was closed.
      resolve(
        err({
          source,
          kind: 'Internal',
          message: cut(error instanceof Error ? error.message : String(error)),
          retryable: false,
          outcome: 'refused',
        }),
      );
    }
  });
}

/** A call that waits for its place; without one it was not sent. */
export async function throughGate<T>(
  gate: Gate,
  source: UpstreamError['source'],
  send: () => Promise<Result<T>>,
): Promise<Result<T>> {
  const reply = await gate.run(send);
  if (reply) return reply;
  const message = 'too many calls of this console are waiting for it';
  return err({ source, kind: 'Busy', message, retryable: true, outcome: 'refused' });
}

/** Statuses after which the call may still have taken effect. */
const UNKNOWN_OUTCOME = new Set<number>([
  status.DEADLINE_EXCEEDED,
  status.CANCELLED,
  status.UNKNOWN,
  status.INTERNAL,
  status.DATA_LOSS,
]);
const REFUSED = new Set<number>([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.PERMISSION_DENIED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
  status.UNIMPLEMENTED,
  status.UNAUTHENTICATED,
  status.RESOURCE_EXHAUSTED,
]);

function transportError(source: UpstreamError['source'], error: ServiceError): UpstreamError {
  const name = STATUS_NAMES.get(error.code) ?? `Status(${error.code})`;
  // UNAVAILABLE is "never reached" only when no connection existed; a connection lost meanwhile leaves the outcome open.
  const neverSent =
    error.code === status.UNAVAILABLE && /No connection established|ECONNREFUSED|Name resolution/i.test(error.details);
  const outcome =
    REFUSED.has(error.code) || neverSent
      ? 'refused'
      : UNKNOWN_OUTCOME.has(error.code) || error.code === status.UNAVAILABLE
        ? 'unknown'
        : 'failed';
  return {
    source,
    kind: name,
    message: cut(plainWords(error.details || error.message)),
    retryable: error.code === status.UNAVAILABLE,
    outcome,
  };
}

/** The client library's own report of a time limit holds its inner workings; people need how long was waited. */
function plainWords(details: string): string {
  const seconds = /^Deadline exceeded after (\d+(?:\.\d+)?)s/.exec(details)?.[1];
  return seconds === undefined ? details : `no answer within ${Number(Number(seconds).toFixed(1))} s`;
}

/** gRPC statuses under the names that ReplyErrorKind uses for the same things. */
const STATUS_NAMES = new Map<number, string>([
  [status.CANCELLED, 'DeadlineExceeded'], // a tonic server's own timeout (wire facts, 2)
  [status.UNKNOWN, 'Internal'],
  [status.INVALID_ARGUMENT, 'InvalidArgument'],
  [status.DEADLINE_EXCEEDED, 'DeadlineExceeded'],
  [status.NOT_FOUND, 'NotFound'],
  [status.ALREADY_EXISTS, 'AlreadyExists'],
  [status.PERMISSION_DENIED, 'PermissionDenied'],
  [status.RESOURCE_EXHAUSTED, 'ResourceExhausted'],
  [status.FAILED_PRECONDITION, 'FailedPrecondition'],
  [status.ABORTED, 'Aborted'],
  [status.OUT_OF_RANGE, 'OutOfRange'],
  [status.UNIMPLEMENTED, 'Unimplemented'],
  [status.INTERNAL, 'Internal'],
  [status.UNAVAILABLE, 'Unavailable'],
  [status.DATA_LOSS, 'Internal'],
  [status.UNAUTHENTICATED, 'Unauthenticated'],
]);

/** Kinds after which the change may still come about (a time limit inside the control plane, a lost store write). */
const OPEN_KINDS = new Set(['Timeout', 'DeadlineExceeded', 'FailedPersist', 'Cancelled', 'Unavailable']);
const FAILED_KINDS = new Set(['WithMessage', 'Internal', 'Aborted', 'ReplicaCreateNumber']);

/** agent-core's in-band error, the one inside a gRPC OK (wire facts, 3). */
export function replyError(error: ReplyError): UpstreamError {
  const kind = ReplyErrorKind[error.kind] ?? `Kind(${error.kind})`;
  return {
    source: 'agent-core',
    kind,
    resource: ResourceKind[error.resource] ?? `Resource(${error.resource})`,
    ...wordsOf(error),
    retryable: kind === 'Conflict' || kind === 'Unavailable',
    outcome: OPEN_KINDS.has(kind) ? 'unknown' : FAILED_KINDS.has(kind) ? 'failed' : 'refused',
  };
}

type ReplyWithOneof = { reply?: { $case: string; value: unknown } | undefined };
type OkArm<R extends ReplyWithOneof, K extends string> = Extract<NonNullable<R['reply']>, { $case: K }>['value'];

/** Opens a reply with `oneof reply { <arm> ; error }`. Nothing set is a broken reply, not an empty one. */
export function openReply<R extends ReplyWithOneof, K extends Exclude<NonNullable<R['reply']>['$case'], 'error'>>(
  result: Result<R>,
  arm: K,
): Result<OkArm<R, K>> {
  if (!result.ok) return result;
  const reply = result.value.reply;
  if (reply?.$case === arm) return ok(reply.value as OkArm<R, K>); // the arm was just compared
  if (reply?.$case === 'error') return err(replyError(reply.value as ReplyError)); // the only arm of that name
  return err({
    source: 'agent-core',
    kind: 'Internal',
    message: 'agent-core sent a reply without a result',
    retryable: false,
    outcome: 'unknown',
  });
}

/** Opens a reply that has nothing but an optional error: set means failed. */
export function openBare(result: Result<{ error?: ReplyError | undefined }>): Result<undefined> {
  if (!result.ok) return result;
  return result.value.error ? err(replyError(result.value.error)) : ok(undefined);
}
