/** Text fit for a log line and a screen: no control, bidirectional or line-separating characters, at most `max` long. */
export function printable(text: string, max = 256): string {
  const clean = text.slice(0, max).replace(/[\p{C}\u2028\u2029]/gu, '\ufffd');
  return text.length > max ? `${clean}…` : clean;
}
