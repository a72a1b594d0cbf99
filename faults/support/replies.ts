import { readdirSync } from 'node:fs';
import path from 'node:path';
import protobuf from 'protobufjs';
import { HOSTILE_INTS, HOSTILE_TEXTS } from './hostile';

// Replies of every rpc from its .proto: whatever the wire can carry, and then often enough of what belongs together, so that
// views have something to join.

const root = new protobuf.Root();
root.resolvePath = (_, target) => (target.startsWith('google/') ? target : path.resolve('proto', target));
for (const entry of readdirSync('proto', { recursive: true, withFileTypes: true }))
  if (entry.name.endsWith('.proto'))
    root.loadSync(path.relative('proto', path.join(entry.parentPath, entry.name)), { keepCase: true });
root.resolveAll();

const UUIDS = [1, 2, 3, 4].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
const NODES = ['io-1', 'io-2', '__proto__', '<img src=x onerror="window.ran=1">'];
const POOLS = ['pool-1', 'constructor', 'p<script>window.ran=1</script>'];
const URIS = [
  ...UUIDS.map((id) => `bdev:///${id}?uuid=${id}`),
  ...UUIDS.map((id) => `nvmf://10.0.0.1:8420/nqn.2019-05.io.openebs:${id}?uuid=${id}`),
];
const INT64 = [0n, 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 53n + 1n];
const DOUBLES = [0, 1.5, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_VALUE];
const MAX_DEPTH = 10;

/** Numbers from a seed, the same ones each time. */
class Dice {
  constructor(private state: number) {}

  /** A whole number from 0 to `n` - 1. */
  below(n: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T; // below its length
  }

  /** True once in `n` times. */
  once(n: number): boolean {
    return this.below(n) === 0;
  }
}

/** Text that a field of this name usually has, or anything. */
function textOf(field: string, dice: Dice): string {
  const usual = /endpoint/.test(field)
    ? ['10.0.0.1:10124', '10.0.0.2:10124']
    : /uri|child/.test(field)
      ? URIS
      : /pool/.test(field)
        ? POOLS
        : /node|^id$/.test(field)
          ? NODES
          : /uuid|_id$|name|key|volume|snapshot|entity/.test(field)
            ? UUIDS
            : undefined;
  if (usual && !dice.once(6)) return dice.of(usual);
  if (!dice.once(5)) return dice.of(HOSTILE_TEXTS);
  return Array.from({ length: dice.below(30) }, () => String.fromCodePoint(dice.below(0xd7ff))).join('');
}

/** 64 bits as protobufjs takes them without a library for them. */
function int64(dice: Dice): object {
  const n = dice.once(4) ? dice.of(INT64) : BigInt(dice.below(2 ** 31)) * BigInt(1 + dice.below(1_000));
  return { low: Number(n & 0xffffffffn) | 0, high: Number(n >> 32n) | 0, unsigned: true };
}

function scalar(field: protobuf.Field, dice: Dice): unknown {
  switch (field.type) {
    case 'string':
      return textOf(field.name, dice);
    case 'bool':
      return dice.once(2);
    case 'bytes':
      return Uint8Array.from({ length: dice.below(20) }, () => dice.below(256));
    case 'double':
    case 'float':
      return dice.of(DOUBLES);
    case 'int32':
    case 'sint32':
    case 'sfixed32':
      return dice.once(6) ? dice.of([-1, -(2 ** 31)]) : dice.of(HOSTILE_INTS) | 0;
    case 'uint32':
    case 'fixed32':
      return dice.of(HOSTILE_INTS);
    default:
      return int64(dice);
  }
}

function oneValue(field: protobuf.Field, depth: number, dice: Dice): unknown {
  const { resolvedType } = field;
  // A newer server has values that we do not know, and a broken one has any.
  if (resolvedType instanceof protobuf.Enum)
    return dice.once(7) ? dice.of([7, 99, -1, 2 ** 31 - 1]) : dice.of(Object.values(resolvedType.values));
  // A text that may be absent stands in a message of its own, and means what its field does.
  if (resolvedType?.fullName === '.google.protobuf.StringValue') return { value: textOf(field.name, dice) };
  if (resolvedType instanceof protobuf.Type) return messageOf(resolvedType, depth + 1, dice);
  return scalar(field, dice);
}

function fieldOf(field: protobuf.Field, depth: number, dice: Dice): unknown {
  const many = () => Array.from({ length: dice.below(depth < 4 ? 5 : 3) });
  if (field instanceof protobuf.MapField)
    return Object.fromEntries(many().map(() => [textOf('key', dice), oneValue(field, depth, dice)]));
  return field.repeated ? many().map(() => oneValue(field, depth, dice)) : oneValue(field, depth, dice);
}

/** How often a field is absent: once in so many. */
function absence(field: protobuf.Field, depth: number): number {
  return depth < 5 && !(field instanceof protobuf.MapField) ? 16 : 6;
}

/** A message of a type. Each field may be absent; of a oneof at most one is there, and of its arms errors are the rarer ones. */
function messageOf(type: protobuf.Type, depth: number, dice: Dice): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  if (depth > MAX_DEPTH) return message;
  const arms = type.oneofsArray.filter((oneof) => oneof.fieldsArray.length > 1);
  const inArms = new Set(arms.flatMap((oneof) => oneof.fieldsArray));
  for (const field of type.fieldsArray) {
    if (inArms.has(field)) continue;
    // With a next page that is the same again a list is an error, and nothing of it would be seen.
    const isAbsent = field.name === 'next_token' ? !dice.once(20) : dice.once(absence(field, depth));
    if (!isAbsent) message[field.name] = fieldOf(field, depth, dice);
  }
  for (const oneof of arms) {
    if (dice.once(14)) continue;
    const usual = oneof.fieldsArray.filter((field) => field.name !== 'error');
    const field = dice.once(14) || usual.length === 0 ? dice.of(oneof.fieldsArray) : dice.of(usual);
    message[field.name] = fieldOf(field, depth, dice);
  }
  return message;
}

/** Bytes of a reply to a gRPC path such as `/v1.node.NodeGrpc/GetNodes`; the same seed gives the same bytes. */
export function replyBytes(grpcPath: string, seed: number): Uint8Array {
  const [, service = '', method = ''] = grpcPath.split('/');
  const name = root.lookupService(service).methods[method]?.responseType ?? '';
  const type = root.lookupType(name);
  return type.encode(messageOf(type, 0, new Dice(seed)) as unknown as protobuf.Message).finish();
}
