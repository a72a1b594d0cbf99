import type { handleUnaryCall, MethodDefinition, ServiceDefinition, sendUnaryData } from '@grpc/grpc-js';
import type { Service } from './local-network';
import { type FieldPath, graft, oneOfEach } from './wire-fields';

/** A number that no enum of the protocol has. */
export const LATER_VALUE = 42;
/** The same for kinds of errors, which go up to 49 in the releases that were seen. */
const LATER_KIND = 99;
/** Field numbers that no message of the protocol has, and what they carry. */
export const LATER_TEXT = 'of a later release';
const LATER_FIELDS = oneOfEach(2_000, LATER_TEXT);

/** Messages inside a reply that get unknown fields too, by method; the reply itself always does. */
const INNER: Record<string, readonly FieldPath[]> = {
  getVolumes: [[1], [1, 1], [1, 1, 1], [1, 1, 1, 1], [1, 1, 2], [1, 1, 2, 4]],
  getPools: [[1], [1, 1], [1, 1, 1], [1, 1, 2]],
  getNodes: [[1], [1, 1], [1, 1, 2], [1, 1, 3]],
  getReplicas: [[1], [1, 1]],
  listNexus: [[1], [1, 5]],
  listPools: [[1]],
  listReplicas: [[1]],
  getRebuildHistory: [[2]],
};

/**
 * The services as a later release would serve them while `isLater`: whatever is not online, and every pool, has a state that
 * clients do not know; reasons and kinds of errors are unknown too; and messages carry fields that clients do not know.
 */
export function laterRelease(services: readonly Service[], isLater: () => boolean): Service[] {
  return services.map(([definition, implementation]) => [
    Object.fromEntries(
      Object.entries(definition).map(([name, method]) => [name, withFields(name, method, isLater)]),
    ) as ServiceDefinition,
    Object.fromEntries(
      Object.entries(implementation).map(([name, handler]) => [
        name,
        withValues(handler as handleUnaryCall<unknown, unknown>, isLater), // generated services have unary calls only
      ]),
    ),
  ]);
}

function withFields(name: string, method: MethodDefinition<unknown, unknown>, isLater: () => boolean) {
  const paths: readonly FieldPath[] = [[], ...(INNER[name] ?? [])];
  const responseSerialize = (value: unknown) => {
    const bytes = method.responseSerialize(value);
    return isLater() ? graft(bytes, paths, LATER_FIELDS) : bytes;
  };
  return { ...method, responseSerialize };
}

function withValues(
  handler: handleUnaryCall<unknown, unknown>,
  isLater: () => boolean,
): handleUnaryCall<unknown, unknown> {
  return (call, callback) => {
    const changed: sendUnaryData<unknown> = (error, value, ...rest) =>
      callback(error, isLater() && value ? later(structuredClone(value)) : value, ...rest);
    handler(call, changed);
  };
}

const STATES = ['status', 'state', 'childStatus'];
const REASONS = ['reason', 'stateReason', 'childStatusReason'];
/** Online is 1 in every enum of states of the protocol. */
const ONLINE = 1;

/** Changes the enums of a message, in place. */
function later<T>(message: T): T {
  if (typeof message !== 'object' || message === null) return message;
  const fields = message as Record<string, unknown>;
  const isPool = 'capacity' in fields && ('poolId' in fields || 'pooltype' in fields);
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value === 'object') later(value);
    else if (typeof value !== 'number') continue;
    else if (STATES.includes(key) && (value !== ONLINE || isPool)) fields[key] = LATER_VALUE;
    else if (REASONS.includes(key) && value !== 0) fields[key] = LATER_VALUE;
    else if (key === 'kind' && 'resource' in fields) fields[key] = LATER_KIND;
  }
  return message;
}
