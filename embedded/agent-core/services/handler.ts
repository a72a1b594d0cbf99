import { type handleUnaryCall, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import type { ReplyError } from '@/gen/v1/misc/common';
import { InvalidRequest, Kind, Resource, toStatus, toSvcError, unreadableUuid } from '../errors';

/** The `oneof reply { <ok>; error }` of most replies. */
export const replyError = (error: ReplyError) => ({ reply: { $case: 'error' as const, value: error } });
/** The bare `error` of replies without a result. */
export const bareError = (error: ReplyError) => ({ error });

/**
 * Answers a request of agent-core: a failure travels inside the reply with status OK; only a request that does not
 * parse gets a gRPC status (wire facts, 3).
 */
export function answer<Q, S, F>(
  work: (request: Q) => S | Promise<S>,
  failed: (error: ReplyError) => F,
): handleUnaryCall<Q, S | F> {
  return (call, callback) => void settle(call, callback, work, failed);
}

async function settle<Q, S, F>(
  call: ServerUnaryCall<Q, S | F>,
  callback: sendUnaryData<S | F>,
  work: (request: Q) => S | Promise<S>,
  failed: (error: ReplyError) => F,
): Promise<void> {
  try {
    callback(null, await work(call.request));
  } catch (error) {
    if (error instanceof InvalidRequest) callback({ code: status.INVALID_ARGUMENT, details: error.message });
    else callback(null, failed(toSvcError(error).reply()));
  }
}

/** For services without an error inside the reply: gRPC statuses only. */
export function answerByStatus<Q, R>(work: (request: Q) => R | Promise<R>): handleUnaryCall<Q, R> {
  return (call, callback) => {
    void (async () => work(call.request))().then(
      (value) => callback(null, value),
      (error: unknown) => {
        const failure = toSvcError(error);
        const code = error instanceof InvalidRequest ? status.INVALID_ARGUMENT : toStatus(failure);
        const { kind, resource, source } = failure.reply();
        callback({ code, details: `${Kind[kind]}/${Resource[resource]}: ${source}` });
      },
    );
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/** An id of a request as uuid; a missing or bad one makes the request unreadable. */
export function requireUuid(id: string | undefined, field: string): string {
  if (id === undefined || !UUID.test(id) || id === NIL_UUID)
    throw new InvalidRequest(`${field}: '${id ?? ''}' is no uuid`);
  return id.toLowerCase();
}

/** A uuid in a filter, whose failure travels inside the reply. `field`: its name in the request. */
export function filterUuid(resource: Resource, id: string, field: string): string {
  if (!UUID.test(id)) throw unreadableUuid(resource, id, field);
  return id.toLowerCase();
}

/** A size in bytes that a JavaScript number holds exactly. */
export function bytes(value: bigint, field: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new InvalidRequest(`${field}: ${value} bytes is out of range`);
  return Number(value);
}

const HOST_NQN = /^nqn\.\d{4}-\d{2}\.[^:]+:.+$/;

/** Host NQNs of a request; one that is none makes it unreadable (behaviour facts, 1.3). */
export function hostNqns(names: readonly string[]): string[] {
  for (const name of names)
    if (name.length > 223 || !HOST_NQN.test(name)) throw new InvalidRequest(`allowed_hosts: '${name}' is no host NQN`);
  return [...names];
}
