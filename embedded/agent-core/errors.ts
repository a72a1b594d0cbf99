import { type ServiceError, status } from '@grpc/grpc-js';
import { ReplyErrorKind as Kind, type ReplyError, ResourceKind as Resource } from '@/gen/v1/misc/common';

/**
 * What a request of agent-core can fail with: becomes the `ReplyError` inside the reply (wire facts, 3). `source` is
 * the name of the error, `extra` the sentence with the particulars.
 */
export class SvcError extends Error {
  constructor(
    readonly kind: Kind,
    readonly resource: Resource,
    readonly variant: string,
    readonly extra: string,
  ) {
    super(`${variant}: ${extra}`);
    this.name = 'SvcError';
  }

  reply(): ReplyError {
    return { kind: this.kind, resource: this.resource, source: `SvcError::${this.variant}`, extra: this.extra };
  }
}

/** A request that does not parse: gRPC status INVALID_ARGUMENT instead of an answer (wire facts, 3). */
export class InvalidRequest extends Error {}

/** Any failure as the error of a reply. */
export function toSvcError(error: unknown): SvcError {
  if (error instanceof SvcError) return error;
  return new SvcError(
    Kind.Internal,
    Resource.Unknown,
    'Internal',
    error instanceof Error ? error.message : String(error),
  );
}

export const isNotFound = (error: unknown) => error instanceof SvcError && error.kind === Kind.NotFound;

/** The call's outcome is not known: the node may have done it, or may do it still. */
export const isUncertain = (error: unknown) =>
  error instanceof SvcError &&
  (error.kind === Kind.DeadlineExceeded || error.kind === Kind.Unavailable || error.kind === Kind.Timeout);

/** The node refused for the request itself: nothing was made. */
export const isRefusal = (error: unknown) =>
  error instanceof SvcError && (error.kind === Kind.InvalidArgument || error.kind === Kind.NotFound);

const NAMESAKES: ReadonlyMap<status, Kind> = new Map([
  [status.INVALID_ARGUMENT, Kind.InvalidArgument],
  [status.DEADLINE_EXCEEDED, Kind.DeadlineExceeded],
  [status.NOT_FOUND, Kind.NotFound],
  [status.ALREADY_EXISTS, Kind.AlreadyExists],
  [status.PERMISSION_DENIED, Kind.PermissionDenied],
  [status.RESOURCE_EXHAUSTED, Kind.ResourceExhausted],
  [status.FAILED_PRECONDITION, Kind.FailedPrecondition],
  [status.ABORTED, Kind.Aborted],
  [status.OUT_OF_RANGE, Kind.OutOfRange],
  [status.UNIMPLEMENTED, Kind.Unimplemented],
  [status.UNAVAILABLE, Kind.Unavailable],
  [status.UNAUTHENTICATED, Kind.Unauthenticated],
]);

/** An io-engine's gRPC status as the kind of the same name; the others become Internal (behaviour facts, 9.3). */
export function fromEngine(request: string, resource: Resource, error: ServiceError): SvcError {
  const kind = NAMESAKES.get(error.code) ?? Kind.Internal;
  const variant = kind === Kind.Unavailable ? 'GrpcConnect' : 'GrpcRequestError';
  return new SvcError(kind, resource, variant, `${request}::${error.details || error.message}`);
}

/** The gRPC status for services that have no error inside the reply. */
export function toStatus(error: SvcError): status {
  for (const [code, kind] of NAMESAKES)
    if (kind === error.kind && code !== status.UNAVAILABLE && code !== status.OUT_OF_RANGE) return code;
  return status.INTERNAL;
}

export const nodeNotFound = (id: string) =>
  new SvcError(Kind.NotFound, Resource.Node, 'NodeNotFound', `Node '${id}' not found`);
export const poolNotFound = (id: string) =>
  new SvcError(Kind.NotFound, Resource.Pool, 'PoolNotFound', `Pool '${id}' not found`);
export const replicaNotFound = (id: string) =>
  new SvcError(Kind.NotFound, Resource.Replica, 'ReplicaNotFound', `Replica '${id}' not found`);
export const nexusNotFound = (id: string) =>
  new SvcError(Kind.NotFound, Resource.Nexus, 'NexusNotFound', `Nexus '${id}' not found`);
export const childNotFound = (nexus: string, uri: string) =>
  new SvcError(Kind.NotFound, Resource.Child, 'ChildNotFound', `Child '${uri}' not found in nexus '${nexus}'`);
export const volumeNotFound = (id: string) =>
  new SvcError(Kind.NotFound, Resource.Volume, 'VolumeNotFound', `Volume '${id}' not found`);
export const snapshotNotFound = (id: string) =>
  new SvcError(Kind.NotFound, Resource.VolumeSnapshot, 'VolSnapshotNotFound', `Snapshot '${id}' not found`);
export const appNodeNotFound = (id: string) =>
  new SvcError(Kind.NotFound, Resource.AppNode, 'AppNodeNotFound', `App node '${id}' not found`);

export const nodeNotOnline = (id: string) =>
  new SvcError(Kind.FailedPrecondition, Resource.Node, 'NodeNotOnline', `Node '${id}' is not online`);
export const nodeCordoned = (id: string) =>
  new SvcError(Kind.FailedPrecondition, Resource.Node, 'CordonedNode', `Node '${id}' is cordoned`);
export const alreadyExists = (resource: Resource, id: string) =>
  new SvcError(Kind.AlreadyExists, resource, 'AlreadyExists', `Resource '${id}' already exists`);
export const isDeleting = (resource: Resource, id: string) =>
  new SvcError(Kind.IsDeleting, resource, 'Deleting', `Resource '${id}' is being deleted`);
export const reCreateMismatch = (resource: Resource, id: string) =>
  new SvcError(
    Kind.Conflict,
    resource,
    'ReCreateMismatch',
    `Resource '${id}' is still being created with other parameters`,
  );
export const pendingCreation = (resource: Resource, id: string) =>
  new SvcError(Kind.FailedPrecondition, resource, 'PendingCreation', `Resource '${id}' is not created yet`);
export const pendingDeletion = (resource: Resource, id: string) =>
  new SvcError(Kind.FailedPrecondition, resource, 'PendingDeletion', `Resource '${id}' is being deleted`);
export const inUse = (resource: Resource, id: string, by: string) =>
  new SvcError(Kind.InUse, resource, 'InUse', `Resource '${id}' is in use: ${by}`);
export const invalidArguments = (resource: Resource, extra: string, variant = 'InvalidArguments') =>
  new SvcError(Kind.InvalidArgument, resource, variant, extra);
export const invalidUuid = (resource: Resource, id: string) =>
  new SvcError(Kind.InvalidArgument, resource, 'InvalidUuid', `'${id}' is not a valid uuid`);
export const precondition = (resource: Resource, variant: string, extra: string) =>
  new SvcError(Kind.FailedPrecondition, resource, variant, extra);
export const exhausted = (resource: Resource, variant: string, extra: string) =>
  new SvcError(Kind.ResourceExhausted, resource, variant, extra);
export const conflict = (resource: Resource, id: string) =>
  new SvcError(Kind.Conflict, resource, 'Conflict', `Resource '${id}' is busy with another operation, retry later`);
export const notReady = (resource: Resource, id: string) =>
  new SvcError(Kind.Unavailable, resource, 'NotReady', `The target of '${id}' is not ready yet`);
export const unimplemented = (resource: Resource, request: string, why: string) =>
  new SvcError(Kind.Unimplemented, resource, 'Unimplemented', `${request}: ${why}`);
export const ofKind = (kind: Kind, resource: Resource, variant: string, extra: string) =>
  new SvcError(kind, resource, variant, extra);

export { Kind, Resource };
