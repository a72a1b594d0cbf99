/** An orderly end is waited for this long. */
const PATIENCE_MS = 10_000;

/**
 * Ends the process in good order: on SIGINT or SIGTERM, or, with a parent, when standard input closes, which it does
 * whatever way the parent dies. A second signal ends it at once.
 */
export function endsWhenTold(withParent: boolean, stop: () => Promise<void>): void {
  let ending = false;
  const end = () => {
    if (ending) process.exit(1);
    ending = true;
    setTimeout(() => process.exit(1), PATIENCE_MS);
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(`ended in disorder: ${error instanceof Error ? error.message : String(error)}`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  if (!withParent) return;
  process.stdin.resume();
  process.stdin.on('close', () => {
    if (!ending) end();
  });
}
