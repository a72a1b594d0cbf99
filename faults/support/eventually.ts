/** Awaits until `probe` answers without throwing; its last error after `limitMs`. For a slow machine the limit is generous. */
export async function eventually<T>(probe: () => T | Promise<T>, limitMs = 60_000): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (performance.now() >= end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Milliseconds until `probe` no longer throws. */
export async function timed(probe: () => unknown, limitMs = 60_000): Promise<number> {
  const begun = performance.now();
  await eventually(probe, limitMs);
  return Math.round(performance.now() - begun);
}

/** A figure for whoever reads the output. */
export const tell = (line: string): void => void process.stdout.write(`    ${line}\n`);
