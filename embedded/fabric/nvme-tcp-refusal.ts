/**
 * NVMe/TCP is not served. A real host opens with an initialize connection request (ICReq, PDU type 0, 128 bytes), and is
 * told so in its own protocol: a termination request that names the version field as the unsupported parameter (NVMe
 * over TCP transport specification, C2HTermReq).
 */
const ICREQ = { type: 0x00, headerLength: 128 };
const TERM_REQ = { type: 0x03, headerLength: 24, unsupportedParameter: 0x06 };
/** Where the version field of an ICReq is. */
const PFV_OFFSET = 8;

/** Is this the beginning of an ICReq? Needs 8 bytes. */
export function isNvmeTcpHost(bytes: Buffer): boolean {
  return (
    bytes.length >= 8 &&
    bytes.readUInt8(0) === ICREQ.type &&
    bytes.readUInt8(2) === ICREQ.headerLength &&
    bytes.readUInt32LE(4) === ICREQ.headerLength
  );
}

/** What such a host is answered, before its connection is closed. `request`: what it sent. */
export function nvmeTcpRefusal(request: Buffer): Buffer {
  const sent = request.subarray(0, ICREQ.headerLength);
  const answer = Buffer.alloc(TERM_REQ.headerLength + sent.length);
  answer.writeUInt8(TERM_REQ.type, 0);
  answer.writeUInt8(TERM_REQ.headerLength, 2);
  answer.writeUInt32LE(answer.length, 4);
  answer.writeUInt16LE(TERM_REQ.unsupportedParameter, 8);
  answer.writeUInt32LE(PFV_OFFSET, 10);
  sent.copy(answer, TERM_REQ.headerLength);
  return answer;
}
