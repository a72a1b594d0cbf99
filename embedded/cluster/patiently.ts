const PATIENCE_MS = 10_000;
const PAUSE_MS = 100;
/** A machine that is very busy may need all the time for one try. */
const LEAST_TRIES = 5;

/**
 * Runs it again, once `ready` resolves, when it was refused: a node may not be heard for a moment while the machine starts
 * much at once, and a fleet that was asked for comes to be. Rejects with the last refusal after 10 s and five tries.
 */
export async function patiently<T>(run: () => Promise<T>, ready: () => Promise<unknown>): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (performance.now() > end && tries >= LEAST_TRIES) throw error;
      await ready();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
