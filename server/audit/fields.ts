import { printable } from './printable';

const SECRET = /pass|secret|token|auth|cookie|credential|private|encryption/i;
const MAX_FIELDS = 24;

/** An object's fields as text, nested ones by dotted names; what names a secret is left out by name. */
export function fieldsOf(
  value: unknown,
  prefix = '',
  into: Record<string, string> = Object.create(null),
): Record<string, string> {
  if (typeof value !== 'object' || value === null) return into;
  for (const [key, v] of Object.entries(value)) {
    if (Object.keys(into).length >= MAX_FIELDS) break;
    const name = printable(prefix + key, 64);
    if (SECRET.test(key)) into[name] = '(left out)';
    else if (Array.isArray(v))
      into[name] = printable(v.map((e) => (typeof e === 'object' ? JSON.stringify(e) : String(e))).join(', '));
    else if (typeof v === 'object' && v !== null) fieldsOf(v, `${prefix}${key}.`, into);
    else if (v !== undefined) into[name] = printable(String(v));
  }
  return into;
}
