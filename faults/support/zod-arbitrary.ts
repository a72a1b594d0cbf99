import fc from 'fast-check';
import type { z } from 'zod';
import { HOSTILE_TEXTS, hostileText } from './hostile';

/** What zod knows of a schema, as its JSON Schema says it. */
interface Shape {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Shape[];
  allOf?: Shape[];
  oneOf?: Shape[];
  properties?: Record<string, Shape>;
  required?: string[];
  items?: Shape;
  additionalProperties?: Shape | boolean;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
}

const UUID = '11111111-2222-4333-8444-555555555555';
const anything = (): fc.Arbitrary<unknown> =>
  fc.oneof(
    hostileText(),
    fc.constantFrom(
      null,
      true,
      false,
      0,
      -1,
      1.5,
      2 ** 53 + 2,
      -(2 ** 31),
      1e308,
      '',
      [],
      {},
      [[]],
      ['x'],
      { toString: 1 },
      { valueOf: null },
    ),
    fc.jsonValue({ maxDepth: 2 }),
  );

/** Text of a pattern, where we know what belongs there. */
function textOf(name: string, shape: Shape): fc.Arbitrary<unknown> {
  const usual = /bytes|size/i.test(name)
    ? fc.constantFrom('1048576', '1073741824', '107374182400', '1152921504606846976', '18446744073709551615', '0', '1')
    : shape.format === 'uuid' || /uuid|id$/i.test(name) || shape.pattern?.includes('[0-9a-f]')
      ? fc.constantFrom(UUID, UUID.toUpperCase(), UUID.replace('1', 'g'))
      : fc.constantFrom('a', 'io-1', 'pool-io-1-0', 'shop-db-0', '');
  return fc.oneof({ weight: 3, arbitrary: usual }, { weight: 2, arbitrary: hostileText() });
}

function numberOf({ minimum = 0, maximum = 300 }: Shape): fc.Arbitrary<unknown> {
  const low = Math.max(minimum, -(2 ** 31));
  const high = Math.min(maximum, 2 ** 31);
  return fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: low, max: Math.max(low, high) }) },
    { weight: 1, arbitrary: fc.constantFrom(low - 1, high + 1, 0.5, -0, 1e21, Number.MAX_SAFE_INTEGER + 2) },
  );
}

/** Values of a schema, and now and then others in their place: anything at all, a field too many, or one of those that objects have. */
function valuesOf(name: string, shape: Shape, depth = 0): fc.Arbitrary<unknown> {
  const right = rightOf(name, shape, depth);
  return fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: anything() });
}

function rightOf(name: string, shape: Shape, depth: number): fc.Arbitrary<unknown> {
  if (depth > 6) return fc.constant(null);
  const choices = shape.anyOf ?? shape.oneOf;
  if (choices && choices.length > 0) return fc.oneof(...choices.map((s) => rightOf(name, s, depth + 1)));
  if (shape.allOf && shape.allOf.length > 0) return rightOf(name, Object.assign({}, ...shape.allOf), depth + 1);
  if (shape.const !== undefined) return fc.constant(shape.const);
  if (shape.enum) return fc.constantFrom(...shape.enum);
  switch (shape.type) {
    case 'object':
      return objectsOf(shape, depth);
    case 'array':
      return fc.array(valuesOf(name, shape.items ?? {}, depth + 1), { maxLength: 4 });
    case 'integer':
    case 'number':
      return numberOf(shape);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string':
      return textOf(name, shape);
    default:
      return anything();
  }
}

function objectsOf(shape: Shape, depth: number): fc.Arbitrary<unknown> {
  const properties = Object.entries(shape.properties ?? {});
  const fields = fc.record(Object.fromEntries(properties.map(([key, s]) => [key, valuesOf(key, s, depth + 1)])), {
    requiredKeys: properties.filter(([key]) => shape.required?.includes(key)).map(([key]) => key),
  });
  const values =
    typeof shape.additionalProperties === 'object'
      ? valuesOf('label', shape.additionalProperties, depth + 1)
      : undefined;
  const extra: fc.Arbitrary<Array<[string, unknown]>> = values
    ? fc.array(fc.tuple(fc.constantFrom('a', 'zone', 'openebs.io/x', ...HOSTILE_TEXTS), values), { maxLength: 3 })
    : fc.oneof(
        { weight: 10, arbitrary: fc.constant<Array<[string, unknown]>>([]) },
        { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...HOSTILE_TEXTS), anything()).map((pair) => [pair]) },
      );
  return fc.tuple(fields, extra).map(([known, more]) => Object.fromEntries([...Object.entries(known), ...more]));
}

/** Values that a parser may be given, from what its schema takes. */
export function inputsOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  return valuesOf('', schemaOf(schema));
}

/** The schema as JSON Schema, of what goes in. */
function schemaOf(schema: z.ZodType): Shape {
  return schema.toJSONSchema({ io: 'input', unrepresentable: 'any' }) as Shape; // the keys that are read exist there or not
}
