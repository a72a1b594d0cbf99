// The time by which this page tells ages: the console's, because a browser's clock may be off by a day.
let anchor: { server: number; at: number } | undefined;

/** Takes the console's time, in milliseconds since the epoch; each message of the stream that has one sets it anew. */
export function setPageClock(serverMs: number): void {
  if (Number.isFinite(serverMs)) anchor = { server: serverMs, at: performance.now() };
}

/** Milliseconds since the epoch as the console counts them; by the browser's clock until it has said so. */
export const pageNow = (): number => (anchor ? anchor.server + performance.now() - anchor.at : Date.now());
