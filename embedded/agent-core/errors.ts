import { type ServiceError, status } from '@grpc/grpc-js';
import { ReplyErrorKind as Kind, type ReplyError, ResourceKind as Resource } from '@/gen/v1/misc/common';

/**
 * What a request of agent-core can fail with: becomes the `ReplyError` inside the reply (wire facts, 3). `source` is
 * the name of the error with the sentence; `extra` is empty but for what caused it, what an io-engine said, and a taken
 * id, in the places where Mayastor's agent-core 2.7.1 puts them.
 */
export class SvcError extends Error {
  constructor(
    readonly kind: Kind,
    readonly resource: Resource,
    readonly variant: string,
    readonly sentence: string,
    /** What else the reply tells: the cause, or the id that is taken. */
    readonly detail = '',
  ) {
    super(detail === '' ? `${variant}: ${sentence}` : `${variant}: ${sentence}: ${detail}`);
    this.name = 'SvcError';
  }

  reply(): ReplyError {
    const { kind, resource, variant, sentence, detail } = this;
    if (variant === 'GrpcRequestError')
      return { kind, resource, source: 'SvcError::GrpcRequestError', extra: sentence };
    if (variant === UNREADABLE) return { kind, resource, source: sentence, extra: detail };
    return { kind, resource, source: `SvcError :: ${variant}: ${sentence}`, extra: detail };
  }
}

/** An id in a filter that does not parse has no name of an error, other than all else. */
const UNREADABLE = 'Unreadable';

/** An io-engine did not answer in time: its caller cancelled, which upstream counts as Internal. */
export class TimedOut extends SvcError {}

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
  (error instanceof TimedOut ||
    error.kind === Kind.DeadlineExceeded ||
    error.kind === Kind.Unavailable ||
    error.kind === Kind.Timeout);

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

/**
 * An io-engine's gRPC status as the kind of the same name; the others become Internal (behaviour facts, 9.3). One that
 * cannot be reached at `endpoint` is an error of the node, whatever was asked of it.
 */
export function fromEngine(request: string, resource: Resource, error: ServiceError, endpoint: string): SvcError {
  const kind = NAMESAKES.get(error.code) ?? Kind.Internal;
  const words = error.details || error.message;
  if (kind === Kind.Unavailable)
    return new SvcError(kind, Resource.Node, 'GrpcConnect', `No connection to the io-engine at '${endpoint}'`, words);
  const print = (code: status, what: string) => `${snakeCase(request)}::${printedStatus(code, what)}`;
  if (kind === Kind.DeadlineExceeded)
    return new TimedOut(Kind.Internal, resource, 'GrpcRequestError', print(status.CANCELLED, 'Timeout expired'));
  return new SvcError(kind, resource, 'GrpcRequestError', print(error.code, words));
}

/** A status as the gRPC library of Mayastor's agent-core prints it. */
function printedStatus(code: status, words: string): string {
  const name = snakeCase(status[code] ?? 'UNKNOWN').toLowerCase();
  const camel = name.replace(/(?:^|_)([a-z])/g, (_all, letter: string) => letter.toUpperCase());
  return `status: ${camel}, message: ${JSON.stringify(words)}, details: [], metadata: MetadataMap { headers: {} }`;
}

const snakeCase = (name: string) => name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();

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
export const childExists = (nexus: string, uri: string) =>
  new SvcError(
    Kind.AlreadyExists,
    Resource.Child,
    'ChildAlreadyExists',
    `Child '${uri}' is in nexus '${nexus}' already`,
  );
export const volumeNotFound = (id: string) =>
  new SvcError(Kind.NotFound, Resource.Volume, 'VolumeNotFound', `Volume '${id}' not found`);
export const snapshotNotFound = (id: string) =>
  new SvcError(Kind.NotFound, Resource.VolumeSnapshot, 'VolSnapshotNotFound', `Snapshot '${id}' not found`);
export const snapshotSource = (id: string, volume: string) =>
  new SvcError(
    Kind.InvalidArgument,
    Resource.VolumeSnapshot,
    'InvalidSnapshotSource',
    `Snapshot '${id}' is not of volume '${volume}'`,
  );
export const nvmfOnly = () =>
  new SvcError(Kind.InvalidArgument, Resource.Volume, 'InvalidShareProtocol', 'Volumes are shared over nvmf only');
export const appNodeNotFound = (id: string) =>
  new SvcError(Kind.NotFound, Resource.AppNode, 'NotFound', `AppNode '${id}' not found`);

export const nodeNotOnline = (id: string) =>
  new SvcError(Kind.FailedPrecondition, Resource.Node, 'NodeNotOnline', `Node '${id}' is not online`);
export const nodeCordoned = (id: string) =>
  new SvcError(Kind.FailedPrecondition, Resource.Node, 'CordonedNode', `Node '${id}' is cordoned`);
export const alreadyExists = (resource: Resource, id: string) =>
  new SvcError(
    Kind.AlreadyExists,
    resource,
    'AlreadyExists',
    `${Resource[resource]} Resource id ${id} already exists`,
    `id: ${id}`,
  );
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
  new SvcError(
    Kind.InUse,
    resource,
    'InUse',
    `${Resource[resource]} Resource id ${id} still in use: ${by}`,
    `id: ${id}`,
  );
/** Without a variant of its own, upstream does not say what the arguments were for. */
export const invalidArguments = (why: string) =>
  new SvcError(Kind.InvalidArgument, Resource.Unknown, 'InvalidArguments', `Invalid arguments: ${why}`);
export const invalid = (resource: Resource, variant: string, sentence: string) =>
  new SvcError(Kind.InvalidArgument, resource, variant, sentence);
export const invalidUuid = (resource: Resource, id: string) =>
  new SvcError(Kind.InvalidArgument, resource, 'InvalidUuid', `'${id}' is not a valid uuid`);
export const unreadableUuid = (resource: Resource, id: string, field: string) =>
  new SvcError(Kind.InvalidArgument, resource, UNREADABLE, `'${id}' is not a uuid`, `Invalid ${field}`);
export const precondition = (resource: Resource, variant: string, sentence: string) =>
  new SvcError(Kind.FailedPrecondition, resource, variant, sentence);
export const exhausted = (resource: Resource, variant: string, sentence: string) =>
  new SvcError(Kind.ResourceExhausted, resource, variant, sentence);
/** Too few of `resource` to go on; the figures are in the reply's `extra`. */
export const notEnough = (resource: Resource, detail: string) =>
  new SvcError(Kind.ResourceExhausted, resource, 'NotEnoughResources', 'Not enough resources', detail);
/** Upstream does not say which resource is held. */
export const conflict = (id: string) =>
  new SvcError(Kind.Conflict, Resource.Unknown, 'Conflict', `Another operation holds '${id}', retry later`);
/** The store did not do what it was asked for; upstream does not say for which resource. */
export const storeFailed = (why: string) =>
  new SvcError(Kind.FailedPersist, Resource.Unknown, 'Store', 'The store did not answer', why);
export const notSaved = (resource: Resource, id: string, why: string) =>
  new SvcError(Kind.FailedPersist, resource, 'StoreSave', `${Resource[resource]} '${id}' could not be saved`, why);
/** An earlier change of it is not in the store yet. */
export const storeDirty = (resource: Resource, id: string) =>
  new SvcError(
    Kind.FailedPersist,
    resource,
    'StoreDirty',
    `${Resource[resource]} '${id}' has changes that are not in the store yet, retry later`,
  );
export const isFailedPersist = (error: unknown) => error instanceof SvcError && error.kind === Kind.FailedPersist;
export const labelsExist = (resource: Resource, id: string, labels: Record<string, string>, differ: boolean) =>
  new SvcError(
    differ ? Kind.FailedPrecondition : Kind.AlreadyExists,
    resource,
    'LabelsExists',
    `${Resource[resource]} ${id} has labels ${JSON.stringify(labels)} already`,
  );
export const notReady = (resource: Resource, id: string) =>
  new SvcError(Kind.Unavailable, resource, 'NotReady', `The target of '${id}' is not ready yet`);
export const unimplemented = (resource: Resource, request: string, why: string) =>
  new SvcError(Kind.Unimplemented, resource, 'Unimplemented', `${request}: ${why}`);
export const ofKind = (kind: Kind, resource: Resource, variant: string, sentence: string) =>
  new SvcError(kind, resource, variant, sentence);

export { Kind, Resource };
