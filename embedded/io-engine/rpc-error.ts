import { status } from '@grpc/grpc-js';
import { FabricError } from '@/embedded/fabric/fabric';

/** An error that a client gets as gRPC status (behaviour facts, 9.4). */
export class RpcError extends Error {
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
    this.name = 'RpcError';
  }
}

export const notFound = (message: string) => new RpcError(status.NOT_FOUND, message);
export const alreadyExists = (message: string) => new RpcError(status.ALREADY_EXISTS, message);
export const invalid = (message: string) => new RpcError(status.INVALID_ARGUMENT, message);
export const precondition = (message: string) => new RpcError(status.FAILED_PRECONDITION, message);
export const exhausted = (message: string) => new RpcError(status.RESOURCE_EXHAUSTED, message);
export const aborted = (message: string) => new RpcError(status.ABORTED, message);
export const internal = (message: string) => new RpcError(status.INTERNAL, message);
export const unimplemented = (message: string) => new RpcError(status.UNIMPLEMENTED, message);

/** Any error as a gRPC status; I/O that found no space keeps its meaning. */
export function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (error instanceof FabricError && error.code === 'no-space') return exhausted(error.message);
  return internal(error instanceof Error ? error.message : String(error));
}
