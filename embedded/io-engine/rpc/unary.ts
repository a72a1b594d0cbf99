import type { handleUnaryCall } from '@grpc/grpc-js';
import type { HangGate } from '../hang-gate';
import { toRpcError } from '../rpc-error';

/** Makes gRPC handlers of one engine: they wait while it hangs, and turn errors into statuses. */
export type Unary = <Req, Res>(run: (request: Req) => Res | Promise<Res>) => handleUnaryCall<Req, Res>;

export function unaryFor(gate: HangGate): Unary {
  return (run) => async (call, callback) => {
    await gate.pass();
    // Whoever asked a hanging node has given up meanwhile; upstream's server drops such calls as well.
    if (call.cancelled) return;
    try {
      callback(null, await run(call.request));
    } catch (error) {
      const { code, message } = toRpcError(error);
      callback({ code, details: message });
    }
  };
}
