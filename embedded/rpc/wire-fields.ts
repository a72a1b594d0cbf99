const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Field numbers from a message down to one inside it; empty: the message itself. */
export type FieldPath = readonly number[];

/**
 * Adds encoded fields to the messages that the paths lead to, whatever else these hold. Throws a RangeError for bytes that
 * are no message of protobuf.
 */
export function graft(message: Buffer, paths: readonly FieldPath[], fields: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < message.length; ) {
    const [tag, afterTag] = varint(message, at);
    const end = endOf(message, tag & 7, afterTag);
    const deeper = paths.filter(([first]) => first === tag >>> 3).map((path) => path.slice(1));
    if ((tag & 7) === BYTES && deeper.length > 0) {
      const [length, begin] = varint(message, afterTag);
      const inner = graft(message.subarray(begin, begin + length), deeper, fields);
      parts.push(message.subarray(at, afterTag), encodedVarint(inner.length), inner);
    } else parts.push(message.subarray(at, end));
    at = end;
  }
  if (paths.some((path) => path.length === 0)) parts.push(fields);
  return Buffer.concat(parts);
}

/** One field of each wire type, with numbers from `first` on; the bytes are those of the text. */
export function oneOfEach(first: number, text: string): Buffer {
  const tag = (n: number, type: number) => encodedVarint(((first + n) << 3) | type);
  const bytes = Buffer.from(text);
  const parts = [tag(0, VARINT), encodedVarint(42), tag(1, FIXED64), Buffer.alloc(8, 7)];
  return Buffer.concat([...parts, tag(2, BYTES), encodedVarint(bytes.length), bytes, tag(3, FIXED32), Buffer.alloc(4)]);
}

function endOf(message: Buffer, type: number, at: number): number {
  const [value, after] = type === VARINT || type === BYTES ? varint(message, at) : [0, at];
  const end = type === BYTES ? after + value : type === FIXED64 ? at + 8 : type === FIXED32 ? at + 4 : after;
  if (end > message.length || ![VARINT, FIXED64, BYTES, FIXED32].includes(type)) throw new RangeError('no protobuf');
  return end;
}

/** The low 32 bits of a varint, which is all of a tag and of a length, and where it ends. */
function varint(message: Buffer, at: number): [value: number, end: number] {
  let value = 0;
  for (let i = at; i < message.length && i < at + 10; i++) {
    const byte = message.readUInt8(i);
    if (i < at + 5) value |= (byte & 0x7f) << (7 * (i - at));
    if (byte < 0x80) return [value >>> 0, i + 1];
  }
  throw new RangeError('no protobuf');
}

function encodedVarint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value >>> 0;
  for (; left >= 0x80; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  return Buffer.from([...bytes, left]);
}
