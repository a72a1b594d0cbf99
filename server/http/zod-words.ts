import type { z } from 'zod';

/** Errors by field, for a form: the path in dots. */
export function fieldErrorsOf(error: z.ZodError): Array<{ path: string; message: string }> {
  return error.issues
    .slice(0, 32)
    .map((i) => ({ path: shown(i.path.map(String).join('.')), message: shown(i.message) }));
}

/** The first thing that is wrong, as a sentence. */
export function sentenceOf(error: z.ZodError): string {
  const first = error.issues[0];
  if (!first) return 'The request is not valid.';
  const path = first.path.map(String).join('.');
  return path ? `${shown(path)}: ${shown(first.message)}` : shown(first.message);
}

/** What a client sent, made fit for a sentence: short and without control characters. */
export const shown = (text: string) => text.replace(/\p{C}/gu, '\ufffd').slice(0, 200);
