import { describe, expect, it } from 'vitest';
import { optionsOf, Usage } from './options';

describe('flags of the embedded cluster', () => {
  it('has the fleet of the demo by default', () => {
    expect(optionsOf([])).toMatchObject({
      nodes: 3,
      disks: 2,
      volumes: 40,
      seed: 1,
      scenario: 'usual',
      timeFactor: 10,
    });
  });

  it('takes what is in range', () => {
    const given = ['--nodes', '5', '--volumes=0', '--time-factor', '0.5', '--scenario', 'empty'];
    expect(optionsOf(given)).toMatchObject({ nodes: 5, volumes: 0, timeFactor: 0.5, scenario: 'empty' });
  });

  it('changes no volume, one a second, or as many as it is told', () => {
    expect(optionsOf([]).churn).toBe(0);
    expect(optionsOf(['--churn']).churn).toBe(1);
    expect(optionsOf(['--churn', '--nodes', '5'])).toMatchObject({ churn: 1, nodes: 5 });
    expect(optionsOf(['--churn', '2.5']).churn).toBe(2.5);
    expect(optionsOf(['--churn=3']).churn).toBe(3);
  });

  it('makes disks as large as the volumes need, unless a size is given', () => {
    const size = (...args: string[]) => optionsOf(args).diskMiB;
    expect(size()).toBe(64 * 1024);
    expect(size('--volumes', '0')).toBe(64 * 1024);
    expect(size('--nodes', '100', '--volumes', '10000')).toBe(480 * 1024);
    expect(size('--nodes', '1', '--volumes', '100000')).toBe(16 * 1024 ** 2);
    expect(size('--volumes', '1000', '--disk-size', '128')).toBe(128);
  });

  it.each([
    [['--nodes', 'x'], /^--nodes must be a number from 1 to 200, not 'x'\nusage: /],
    [['--nodes', ''], /^--nodes must be a number/],
    [['--nodes', '0'], /^--nodes must be/],
    [['--nodes', '1.5'], /^--nodes must be/],
    [['--nodes', '1e3'], /^--nodes must be/],
    [['--volumes', '-1'], /^--volumes must be a number from 0 to 100000, not '-1'\n/],
    [['--volumes=-1'], /^--volumes must be/],
    [['--churn', '-1'], /^--churn must be a number from 0 to 100, not '-1'\n/],
    [['--churn', 'much'], /^--churn must be/],
    [['--seed', 'NaN'], /^--seed must be/],
    [['--scenario', 'odd'], /^--scenario must be one of usual, calm, empty\n/],
    [['--what'], /^Unknown option '--what'\nusage: /],
    [['--nodes'], /^Option '--nodes <value>' argument missing\n/],
    [['3'], /^Unexpected argument '3'\n/],
  ])('refuses %j and says why', (args, expected) => {
    expect(() => optionsOf(args)).toThrow(Usage);
    expect(() => optionsOf(args)).toThrow(expected);
  });
});
