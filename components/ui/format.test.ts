import { describe, expect, it } from 'vitest';
import {
  ageText,
  bytesText,
  bytesTitle,
  countText,
  durationText,
  latencyText,
  rateText,
  statusText,
  statusTone,
  throughputText,
} from './format';

describe('format', () => {
  it('keeps 2^60 bytes and counters near 2^64 exact on hover', () => {
    expect(bytesText('1152921504606846976')).toBe('1 EiB');
    expect(bytesTitle('18446744073709551615').replaceAll('\u202f', '')).toBe('18446744073709551615 B');
  });

  it('says unknown instead of zero', () => {
    expect(bytesText(null)).toBe('unknown');
    expect(latencyText(null)).toBe('–');
    expect(rateText(Number.NaN)).toBe('unknown');
  });

  it.each([
    [0.4, '0.4 µs'],
    [250, '250 µs'],
    [9_999, '9,999 µs'],
    [10_000, '10.0 ms'],
    [250_000, '250 ms'],
  ])('writes a latency of %d µs as %s', (us, text) => expect(latencyText(us)).toBe(text));

  it.each([
    [45, '45 s'],
    [200, '3 min 20 s'],
    [620, '10 min'],
    [7_500, '2 h 5 min'],
    [90_000, '1 d 1 h'],
    [-5, '0 s'],
  ])('writes %d seconds as %s', (s, text) => expect(durationText(s)).toBe(text));

  it('has no negative ages', () =>
    expect(ageText('2026-01-01T00:00:10.000Z', Date.parse('2026-01-01T00:00:00Z'))).toBe('0 s ago'));

  it('shows a status of a newer server as unknown and neutral', () => {
    expect(statusText('unrecognized:7')).toBe('Unknown (7)');
    expect(statusTone('unrecognized:7')).toBe('unknown');
    expect(statusTone('anything')).toBe('unknown');
  });

  it('writes rates per second', () => {
    expect(rateText(0)).toBe('0');
    expect(rateText(3400.4)).toBe('3,400');
    expect(throughputText(12.5 * 1024 * 1024)).toBe('12.5 MiB/s');
  });

  it('writes no more digits of a throughput than are measured', () => {
    expect(throughputText(161.7 * 1024)).toBe('162 KiB/s');
    expect(throughputText(1023.4 * 1024)).toBe('1023 KiB/s');
    expect(throughputText(99.96 * 1024)).toBe('100 KiB/s');
    expect(throughputText(0)).toBe('0 B/s');
  });

  it('counts things in words', () => {
    expect(countText(1, 'volume')).toBe('1 volume');
    expect(countText(1200, 'volume')).toBe('1,200 volumes');
    expect(countText(0, 'volume')).toBe('0 volumes');
  });
});
