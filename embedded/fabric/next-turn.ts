let coming: Promise<void> | undefined;

/** Resolves in the next turn of the event loop, for all who ask in this one together: in the order in which they asked. */
export function nextTurn(): Promise<void> {
  coming ??= new Promise((resolve) => {
    setImmediate(() => {
      coming = undefined;
      resolve();
    });
  });
  return coming;
}
