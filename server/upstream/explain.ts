import { lookAt, peerSentence, strangerSentence } from './peer';
import type { UpstreamError } from './result';

/** The kind of an address at which something else than agent-core answers. */
export const NOT_AGENT_CORE = 'NotAgentCore';

/** What gRPC makes of a peer that speaks HTTP/2 and not gRPC. */
const FOREIGN_ANSWER = /^Received (HTTP status code|RST_STREAM|message larger)/;

/**
 * An error of a call that every agent-core answers, with what is really found at its address in place of gRPC's words. An error
 * that says enough by itself is given back as it is.
 */
export async function explained(target: string, error: UpstreamError): Promise<UpstreamError> {
  if (error.kind === 'Unimplemented' || FOREIGN_ANSWER.test(error.message))
    return { ...error, kind: NOT_AGENT_CORE, message: strangerSentence(target) };
  if (error.kind !== 'Unavailable' && error.kind !== 'DeadlineExceeded') return error;
  const found = peerSentence(target, await lookAt(target));
  if (!found) return error;
  return { ...error, kind: found.isWrong ? NOT_AGENT_CORE : error.kind, message: found.sentence };
}
