import { describe, expect, it } from 'vitest';
import { WantedNodes } from './wanted';

describe('WantedNodes', () => {
  it('wants a node for fifteen seconds after somebody looked', () => {
    let now = 0;
    const wanted = new WantedNodes(() => now);
    expect(wanted.look('io-1')).toBe(true);
    expect(wanted.look('io-1')).toBe(false);
    now = 14_999;
    expect(wanted.has('io-1')).toBe(true);
    now = 15_000;
    expect(wanted.has('io-1')).toBe(false);
    expect(wanted.look('io-1')).toBe(true);
  });

  it('wants sixteen at most, those looked at last', () => {
    const wanted = new WantedNodes(() => 0);
    for (let n = 0; n < 16; n += 1) wanted.look(`io-${n}`);
    wanted.look('io-0');
    wanted.look('io-16');
    expect(wanted.has('io-0')).toBe(true);
    expect(wanted.has('io-1')).toBe(false);
    expect(wanted.has('io-16')).toBe(true);
  });

  it('wants sixteen that rebuild at most, until they do not, and never for them those looked at', () => {
    let now = 0;
    const wanted = new WantedNodes(() => now);
    wanted.look('io-99');
    for (let n = 0; n < 20; n += 1) wanted.rebuilds(`io-${n}`, true);
    now = 10_000;
    expect(wanted.has('io-99')).toBe(true);
    expect(wanted.has('io-15')).toBe(true);
    expect(wanted.has('io-16')).toBe(false);
    wanted.rebuilds('io-15', false);
    wanted.rebuilds('io-16', true);
    expect(wanted.has('io-15')).toBe(false);
    expect(wanted.has('io-16')).toBe(true);
  });
});
