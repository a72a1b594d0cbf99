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
  const own = { writeHead: res.writeHead, end: res.end };
  let isBare = false;
  const wrapped: Pick<ServerResponse, 'writeHead' | 'end'> = {
    // Compression writes the head before it ends the answer: this one is held back, because another takes its place.
    writeHead: ((...args: Parameters<ServerResponse['writeHead']>) => {
      isBare = res.statusCode === 405 && !res.hasHeader('content-type');
      return isBare ? res : own.writeHead.apply(res, args);
    }) as ServerResponse['writeHead'], // its overloads cannot be told apart here; all arguments go on as they came
    end: ((...args: Parameters<ServerResponse['end']>) => {
      if (!res.headersSent) isBare ||= res.statusCode === 405 && !res.hasHeader('content-type');
      if (!isBare) return own.end.apply(res, args);
      Object.assign(res, own);
      void allowedAt(next, req).then((allow) => {
        sendFailure(req, res, { code: 'method_not_allowed', detail: `This address takes ${allow}.` }, { allow });
      });
      return res;
    }) as ServerResponse['end'], // as above
  };
  Object.assign(res, wrapped);
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
