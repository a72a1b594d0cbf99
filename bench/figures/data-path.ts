import path from 'node:path';
import { program, tsx } from '../programs';
import type { Figure } from '../table';

/** What was done, how long it took, and how long a processor worked for it. */
interface Timed {
  value: number;
  seconds: number;
  cpu: number;
}

/** One volume of three copies in the embedded cluster: what its target does, and what holds it back. */
export async function dataPath(): Promise<Figure[]> {
  const run = await program(tsx('embedded/bench/data-path.ts'));
  const { filled, written, rebuilt, file, folder } = run.ready as Record<
    'filled' | 'written' | 'rebuilt' | 'file',
    Timed
  > & {
    folder: string;
  }; // the line that the program prints
  await run.stop();
  const at = '3 copies, one process';
  const rate = (t: Timed) => t.value / t.seconds;
  const perCpu = (t: Timed) => t.value / t.cpu;
  const us = (t: Timed) => (t.cpu / t.value) * 1e6;
  const share = Math.round(((3 * us(file)) / us(written)) * 100);
  return [
    {
      figure: '4 KiB random writes',
      at,
      measured: rate(written),
      unit: 'IOPS',
      detail: `${Math.round(perCpu(written)).toLocaleString('en')} per second of one core: ${us(written).toFixed(0)} us each, ${share} % of it the kernel's for 3 x 4 KiB into files (${path.dirname(folder)})`,
      least: 10_000,
    },
    {
      figure: 'sequential rebuild',
      at,
      measured: rate(rebuilt) / 1e6,
      unit: 'MB/s',
      detail: `${(perCpu(rebuilt) / 1e6).toFixed(0)} MB per second of one core; reads from one file, writes to another`,
      least: 200,
    },
    {
      figure: '1 MiB sequential writes',
      at,
      measured: rate(filled) / 1e6,
      unit: 'MB/s',
      detail: `one at a time; ${(perCpu(filled) / 1e6).toFixed(0)} MB per second of one core`,
    },
  ];
}
