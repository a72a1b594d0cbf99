import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { METHODS, pathOf } from './guard';
import { sendFailure } from './reply';

type Next = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/**
 * Next refuses a method that a route does not export by itself, with an empty answer that names no other. This puts a problem
 * document with the methods of the route in its place; all other answers pass.
 */
export function describeBareRefusals(next: Next, req: IncomingMessage, res: ServerResponse): void {
  const end = res.end.bind(res);
  // The overloads of `end` cannot be told apart here, and all arguments go on as they came.
  res.end = ((...args: Parameters<typeof end>) => {
    res.end = end;
    if (res.statusCode !== 405 || res.headersSent || res.hasHeader('content-type')) return end(...args);
    void allowedAt(next, req).then((allow) => {
      const detail = `This address takes ${allow}.`;
      sendFailure(req, res, { code: 'method_not_allowed', detail }, { allow });
    });
    return res;
  }) as typeof res.end;
}

/** The methods of a route, as Next's own answer to OPTIONS tells them. The request for it leaves this process nowhere. */
async function allowedAt(next: Next, { url, headers }: IncomingMessage): Promise<string> {
  const probe = new IncomingMessage(new Socket());
  Object.assign(probe, { method: 'OPTIONS', url: pathOf(url ?? '/'), headers: { host: headers.host } });
  probe.push(null);
  const answer = new ServerResponse(probe);
  try {
    await next(probe, answer);
  } catch {
    return METHODS;
  }
  const allow = answer.getHeader('allow');
  return typeof allow === 'string' && allow !== '' ? allow : METHODS;
}
