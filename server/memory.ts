import { setFlagsFromString } from 'node:v8';

/** Growth of the heap between two collections, in percent of what is alive. */
const GROWING_PERCENT = 30;

/**
 * Makes V8 collect when the heap has grown by a third, instead of up to fourfold. Each reading of a cluster throws away as much as
 * it keeps, so the default holds several of them: 10,000 volumes took 350 to 520 MB of memory, and take 280 to 330 MB with
 * this, for a little more work of the processor (`npm run bench -- memory`).
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
}
