import type { ReplyError } from '@/gen/v1/misc/common';

/** Longest text that is kept of an upstream's words: they end up in answers and in the log. */
const LONGEST = 4096;

export const cut = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

/**
 * What agent-core said, for people. It puts the name of its error before the sentence (`SvcError :: VolumeNotFound:
 * Volume '…' not found`), and what an io-engine answered comes as its gRPC library prints a status
 * (`create_pool::status: Internal, message: "…", details: [], …`): the sentence is taken out of both.
 */
export function wordsOf({ source, extra }: Pick<ReplyError, 'source' | 'extra'>): { message: string; extra?: string } {
  const status = /^(\w+)::status: (\w+), message: ("(?:[^"\\]|\\.)*")/.exec(extra);
  if (status) {
    const [, request = '', code = '', quoted = ''] = status;
    return { message: cut(unquoted(quoted)), extra: cut(`${request} answered ${code}`) };
  }
  const message = /^SvcError ?:: ?\w+: (.+)$/s.exec(source)?.[1] ?? source;
  const isNews = extra !== '' && !message.includes(extra.replace(/^id: /, ''));
  return { message: cut(message), ...(isNews ? { extra: cut(extra) } : {}) };
}

/** A string as Rust's debug format prints it. */
function unquoted(text: string): string {
  const named: Record<string, string> = { n: '\n', t: '\t', r: '\r', '0': '\0' };
  return text
    .slice(1, -1)
    .replace(/\\(?:u\{([0-9a-f]{1,6})\}|(.))/gs, (_all, code: string | undefined, char: string) =>
      code === undefined ? (named[char] ?? char) : String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10ffff)),
    );
}
