interface FirstAnswers {
  /** `performance.now()` when they were asked for. */
  at: number;
  answers: Map<string, Promise<Response>>;
}

declare global {
  /** Of public/first.js, which asks before the page's own scripts are there. */
  var firstAnswers: FirstAnswers | undefined;
}

/** Older, an answer says less than a new one would. */
const FRESH_MS = 5_000;

/**
 * The answer of a GET that was asked for before this page's scripts ran, or undefined. Each is given once. It rejects as a fetch
 * does; whoever takes it asks again then.
 */
export function takeFirstAnswer(url: string): Promise<Response> | undefined {
  const first = globalThis.firstAnswers;
  const answer = first?.answers.get(url);
  if (!first || !answer) return undefined;
  first.answers.delete(url);
  return performance.now() - first.at < FRESH_MS ? answer : undefined;
}
