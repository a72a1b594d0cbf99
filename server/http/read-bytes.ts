import type { IncomingMessage } from 'node:http';

/** The body of a request. The guard has bounded its length before, and node its time. */
export async function readBytes(req: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of req) parts.push(part as Buffer); // no encoding is set, so it is bytes
  return Buffer.concat(parts);
}
