import { exactBytes, formatBytes } from '@/contract/size';

/** What stands for a value that is not known. Never a zero. */
export const UNKNOWN = 'unknown';

export const bytesText = (value: string | null | undefined): string =>
  value === null || value === undefined ? UNKNOWN : formatBytes(BigInt(value));
export const bytesTitle = (value: string | null | undefined): string =>
  value === null || value === undefined ? 'Not known now' : exactBytes(BigInt(value));

/** Throughput with the three digits that are measured: 12.3 MiB/s, 162 KiB/s. */
export function throughputText(bytesPerSecond: number): string {
  const bytes = BigInt(Math.max(0, Math.round(Number.isFinite(bytesPerSecond) ? bytesPerSecond : 0)));
  const text = formatBytes(bytes);
  return `${/^\d{3}/.test(text) ? formatBytes(bytes, 0) : text}/s`;
}

/** A number of things in words: 1 volume, 2 volumes. */
export const countText = (n: number, thing: string): string =>
  `${n.toLocaleString('en')} ${thing}${n === 1 ? '' : 's'}`;

/** Bytes counted by us, for people: 3.4 MiB. */
export const formatBytesDone = (bytes: number): string => formatBytes(BigInt(bytes));

/** A count per second without false precision: 0.4, 12, 3,400. */
export function rateText(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return UNKNOWN;
  if (perSecond > 0 && perSecond < 9.95) return perSecond.toFixed(1);
  return Math.round(perSecond).toLocaleString('en');
}

/** µs below 10 ms, else ms. */
export function latencyText(us: number | null | undefined): string {
  if (us === null || us === undefined || !Number.isFinite(us)) return '–';
  if (us === 0) return '0 µs';
  if (us < 10) return `${us.toFixed(1)} µs`;
  if (us < 10_000) return `${Math.round(us).toLocaleString('en')} µs`;
  return `${(us / 1000).toFixed(us < 100_000 ? 1 : 0)} ms`;
}

/** A span of time in the largest two units: 45 s, 3 min 20 s, 2 h 5 min, 3 d 4 h. */
export function durationText(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return s % 60 === 0 || s >= 600 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

/** Age of an instant at `now`; never negative, because clocks differ. */
export const ageText = (at: string, now: number): string => `${durationText((now - Date.parse(at)) / 1000)} ago`;

export const localTime = (at: string): string =>
  new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
export const utcTime = (at: string): string => `${new Date(at).toISOString().replace('T', ' ').slice(0, 19)} UTC`;

/** `unrecognized:7` of a newer server as "Unknown (7)", everything else capitalised. */
export function statusText(status: string): string {
  const unrecognized = /^unrecognized:(-?\d+)$/.exec(status);
  if (unrecognized) return `Unknown (${unrecognized[1]})`;
  if (status === 'io-failure') return 'I/O failure';
  return status.charAt(0).toUpperCase() + status.slice(1).replaceAll('-', ' ');
}

export type Tone = 'ok' | 'warn' | 'bad' | 'busy' | 'unknown';

/** The tone of a status; whatever is not known for sure is neutral, never green. */
export function statusTone(status: string): Tone {
  switch (status) {
    case 'online':
    case 'completed':
    case 'succeeded':
    case 'created':
    case 'ok':
      return 'ok';
    case 'degraded':
    case 'cordoned':
    case 'draining':
    case 'drained':
    case 'suspected':
    case 'paused':
    case 'stopped':
      return 'warn';
    case 'faulted':
    case 'offline':
    case 'failed':
    case 'failing':
    case 'refused':
      return 'bad';
    case 'running':
    case 'init':
    case 'creating':
    case 'deleting':
    case 'rebuilding':
    case 'pending':
      return 'busy';
    default:
      return 'unknown';
  }
}

/** A count of any length with all its digits, grouped by three. */
export const exactCount = (value: string): string => value.replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** The end of a disk's path or URI, which is what people know it by. */
export function diskName(disk: string): string {
  const path = disk.replace(/^[a-z+]+:\/\//, '').split('?')[0] ?? disk;
  return path.split('/').filter(Boolean).pop() ?? disk;
}
