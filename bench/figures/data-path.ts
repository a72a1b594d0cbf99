import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { program, tsx } from '../programs';
import type { Figure } from '../table';

/** What was done, how long it took, and how long a processor worked for it, itself and in the kernel. */
interface Timed {
  value: number;
  seconds: number;
  user: number;
  system: number;
}

/** A file system in memory, where there is one with room: no disk holds the copies' files back. */
const MEMORY = '/dev/shm';
const NEEDED_BYTES = 4 * 1024 ** 3;

function hasMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > NEEDED_BYTES;
  } catch {
    return false;
  }
}

/** One volume of three copies in the embedded cluster: what its target does, and what holds it back. */
export async function dataPath(): Promise<Figure[]> {
  if (!hasMemory()) return measure(tmpdir(), true);
  return [...(await measure(MEMORY, true)), ...(await measure(tmpdir(), false))];
}

async function measure(folder: string, isBound: boolean): Promise<Figure[]> {
  const run = await program(tsx('embedded/bench/data-path.ts'), { TMPDIR: folder });
  const { filled, written, rebuilt } = run.ready as Record<'filled' | 'written' | 'rebuilt', Timed>; // its one line
  await run.stop();
  const at = `3 copies, files in ${folder}`;
  const perSecond = (t: Timed) => t.value / t.seconds;
  const perCore = (t: Timed) => t.value / (t.user + t.system);
  const us = (seconds: number) => `${((seconds / written.value) * 1e6).toFixed(0)} us`;
  const mb = (bytes: number) => (bytes / 1e6).toFixed(0);
  // By processor time: what the one core that all this runs on does when nothing else has it.
  return [
    {
      figure: '4 KiB random writes',
      at,
      measured: perCore(written),
      unit: 'IOPS on one core',
      detail: `${us(written.user)} of ours and ${us(written.system)} of the kernel's for each; ${Math.round(perSecond(written)).toLocaleString('en')} IOPS by the clock; over 256 MiB, 32 at a time`,
      ...(isBound && { least: 10_000 }),
    },
    {
      figure: 'sequential rebuild',
      at,
      measured: perCore(rebuilt) / 1e6,
      unit: 'MB/s on one core',
      detail: `from one file to another; ${mb(perSecond(rebuilt))} MB/s by the clock`,
      ...(isBound && { least: 200 }),
    },
    {
      figure: '1 MiB sequential writes',
      at,
      measured: perCore(filled) / 1e6,
      unit: 'MB/s on one core',
      detail: `one at a time, each into three files; ${mb(perSecond(filled))} MB/s by the clock`,
    },
  ];
}
