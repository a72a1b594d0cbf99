import { FabricError } from '@/embedded/fabric/fabric';
import { afterProcessTime } from '@/embedded/process-time';

/** Rejects with `timed-out` when the promise takes longer; what it does later is nobody's concern. */
export function withTimeout<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const calledOff = afterProcessTime(timeoutMs, () =>
      reject(new FabricError('timed-out', `${what} did not answer in ${timeoutMs} ms`)),
    );
    promise.then(
      (value) => {
        calledOff();
        resolve(value);
      },
      (error: unknown) => {
        calledOff();
        reject(error);
      },
    );
  });
}
