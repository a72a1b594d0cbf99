const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;
const POWER: Record<string, number> = { '': 3, b: 0, k: 1, m: 2, g: 3, t: 4, p: 5, e: 6 };

/** What the size field accepts, in words. */
export const SIZE_HINT = 'For example 10, 10G or 10GiB (all are 10 GiB), 512MiB, 1.5TiB.';

export type ParsedSize = { ok: true; bytes: bigint } | { ok: false; message: string };

/**
 * Bytes of a size as people write it. A bare number means GiB, and K, M, G, T, P, E with or without `iB` or `B` are binary;
 * `B` alone means bytes. Decimals must come out as whole bytes.
 */
export function parseSize(text: string): ParsedSize {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: false, message: `Enter a size. ${SIZE_HINT}` };
  if (trimmed.length > 40) return { ok: false, message: `That is too long for a size. ${SIZE_HINT}` };
  const match = /^(\d+)(?:\.(\d+))?\s*(?:(b)|([kmgtpe])(?:i?b)?)?$/i.exec(trimmed);
  if (!match) return { ok: false, message: `“${trimmed}” is not a size. ${SIZE_HINT}` };
  const [, whole = '0', fraction = '', byte, letter] = match;
  const power = POWER[(byte ?? letter ?? '').toLowerCase()] ?? 3;
  const scale = 1n << BigInt(10 * power);
  const divisor = 10n ** BigInt(fraction.length);
  const scaled = (BigInt(whole) * divisor + BigInt(fraction || '0')) * scale;
  if (scaled % divisor !== 0n && power === 0) return { ok: false, message: 'Bytes come whole.' };
  const bytes = scaled / divisor;
  if (bytes === 0n) return { ok: false, message: 'A size is larger than 0.' };
  if (bytes > 1n << 60n) return { ok: false, message: 'At most 1 EiB.' };
  return { ok: true, bytes };
}

/** Binary size with at most `digits` decimals and no trailing zeros: 10 GiB, 1.5 TiB, 512 B. Exact in the integer part. */
export function formatBytes(bytes: bigint, digits = 1): string {
  const negative = bytes < 0n;
  const abs = negative ? -bytes : bytes;
  let power = 0;
  while (power < UNITS.length - 1 && abs >= 1n << BigInt(10 * (power + 1))) power += 1;
  let text = scaledText(abs, power, digits);
  // 1023.96 MiB would round to 1024 MiB, which people write as 1 GiB.
  if (text === '1024' && power < UNITS.length - 1) {
    power += 1;
    text = '1';
  }
  return `${negative ? '-' : ''}${text} ${UNITS[power]}`;
}

function scaledText(abs: bigint, power: number, digits: number): string {
  const scale = 1n << BigInt(10 * power);
  const ten = 10n ** BigInt(digits);
  const scaled = (abs * ten + scale / 2n) / scale;
  const fraction = (scaled % ten).toString().padStart(digits, '0').replace(/0+$/, '');
  return fraction && digits > 0 ? `${scaled / ten}.${fraction}` : `${scaled / ten}`;
}

/** All digits, grouped by three with a narrow space: 1 152 921 504 606 846 976 B. */
export function exactBytes(bytes: bigint): string {
  return `${bytes.toString().replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f')} B`;
}
