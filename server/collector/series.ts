import type { IoRate, IoSeries } from '@/contract/io';
import { COLUMNS, Ring } from './ring';

export interface SeriesOptions {
  /** Seconds of a fine step. */
  stepSeconds?: number;
  /** Up to so many volumes, all are kept. */
  allVolumes?: number;
  /** Of more, so many; the one not looked at for longest makes room. */
  volumes?: number;
  now?: () => number;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const DAY_POINTS = 1_440;
/** Points of one answer: more than a chart has pixels for is averaged. */
const MAX_ANSWER = 600;

interface Rings {
  /** The last hour in fine steps. */
  fine: Ring;
  /** The last day in minutes. */
  coarse: Ring;
}

/**
 * I/O history by `cluster`, `node:<id>`, `pool:<id>` and `volume:<id>`: an hour in steps of 2 s and a day in minutes, 39 KB a
 * key when it is full. Clusters, nodes and pools are always kept: 100 nodes with 300 pools are 16 MB. Up to 1,000 volumes all are
 * kept, 39 MB; of more only 400, those that were asked for last, because their models need the memory. So the bound is 32 MB for
 * a large cluster, and 43 MB for one of 1,000 volumes, 20 nodes and 60 pools.
 */
export class SeriesStore {
  // Insertion order is age of use for volumes: asking for one moves it to the end.
  readonly #rings = new Map<string, Rings>();
  readonly #stepMs: number;
  readonly #allVolumes: number;
  readonly #ofMany: number;
  #maxVolumes: number;
  readonly #now: () => number;
  #volumes = 0;

  constructor({ stepSeconds = 2, allVolumes = 1_000, volumes = 400, now = Date.now }: SeriesOptions = {}) {
    this.#stepMs = stepSeconds * 1000;
    this.#allVolumes = allVolumes;
    this.#ofMany = volumes;
    this.#maxVolumes = volumes;
    this.#now = now;
  }

  /** Most bytes of `others` clusters, nodes and pools and of all volumes that are kept. */
  bound(others: number): number {
    return (others + this.#maxVolumes) * (Ring.bytesOf(HOUR_MS / this.#stepMs) + Ring.bytesOf(DAY_POINTS));
  }

  /** Bytes that the points take now. */
  get bytes(): number {
    let sum = 0;
    for (const { fine, coarse } of this.#rings.values()) sum += fine.bytes + coarse.bytes;
    return sum;
  }

  /**
   * Adds what was measured from `since` to `at`; undefined is a gap. A volume beyond the cap that nobody asked for is not
   * kept.
   */
  push(key: string, at: number, rate: IoRate | undefined, since = at): void {
    let rings = this.#rings.get(key);
    if (!rings) {
      if (isVolume(key) && this.#volumes >= this.#maxVolumes) return;
      rings = this.#add(key);
    }
    rings.fine.push(since, at, rate);
    rings.coarse.push(since, at, rate);
  }

  /** Makes room for the volumes that there are. */
  fit(volumes: number): void {
    this.#maxVolumes = volumes <= this.#allVolumes ? this.#allVolumes : this.#ofMany;
    while (this.#volumes > this.#maxVolumes) this.#dropOldestVolume();
  }

  /** Forgets the series whose object is gone. */
  keepOnly(exists: (key: string) => boolean): void {
    for (const key of this.#rings.keys()) if (!exists(key)) this.#drop(key);
  }

  /** The last `minutes` of one key, at most 600 points, oldest first. Empty when nothing was recorded yet. */
  of(key: string, minutes: number): IoSeries {
    const { fine, coarse } = this.#touch(key);
    const windowMs = minutes * MINUTE_MS;
    const isFine = windowMs <= HOUR_MS;
    const ringMs = isFine ? this.#stepMs : MINUTE_MS;
    const steps = Math.max(1, Math.ceil(windowMs / ringMs / MAX_ANSWER));
    return answer(isFine ? fine : coarse, { ringMs, steps, from: this.#now() - windowMs });
  }

  #touch(key: string): Rings {
    const rings = this.#rings.get(key);
    if (!rings) return isVolume(key) ? this.#add(key) : this.#make();
    if (isVolume(key)) {
      this.#rings.delete(key);
      this.#rings.set(key, rings);
    }
    return rings;
  }

  #make(): Rings {
    return { fine: new Ring(HOUR_MS / this.#stepMs, this.#stepMs), coarse: new Ring(DAY_POINTS, MINUTE_MS) };
  }

  #add(key: string): Rings {
    const rings = this.#make();
    if (isVolume(key)) {
      if (this.#volumes >= this.#maxVolumes) this.#dropOldestVolume();
      this.#volumes += 1;
    }
    this.#rings.set(key, rings);
    return rings;
  }

  #drop(key: string): void {
    if (this.#rings.delete(key) && isVolume(key)) this.#volumes -= 1;
  }

  #dropOldestVolume(): void {
    for (const key of this.#rings.keys()) {
      if (!isVolume(key)) continue;
      this.#drop(key);
      return;
    }
  }
}

const isVolume = (key: string) => key.startsWith('volume:');

/**
 * Averages `steps` of the ring into each point. Points lie on the absolute time line, so that one keeps its place from answer
 * to answer. One in which all is unknown is null; of a row of such points only the first is there.
 */
function answer(ring: Ring, { ringMs, steps, from }: { ringMs: number; steps: number; from: number }): IoSeries {
  const out: IoSeries = {
    at: [],
    readIops: [],
    writeIops: [],
    readBytesPerSecond: [],
    writeBytesPerSecond: [],
    readLatencyUs: [],
    writeLatencyUs: [],
    stepSeconds: (ringMs * steps) / 1000,
  };
  const oldest = Math.max(ring.first, Math.ceil(from / ringMs));
  let wasGap = true; // unknown in front of the first reading is no gap
  for (let point = Math.floor(oldest / steps); point * steps <= ring.last; point += 1) {
    const first = Math.max(oldest, point * steps);
    const values = COLUMNS.map((_, column) => mean(ring, column, first, Math.min(ring.last, (point + 1) * steps - 1)));
    const isGap = values.every((value) => value === null);
    if (isGap && wasGap) continue;
    wasGap = isGap;
    out.at.push(new Date(point * steps * ringMs).toISOString());
    for (const [column, name] of COLUMNS.entries()) out[name].push(values[column] ?? null);
  }
  return out;
}

/** Three digits and no more: the ring does not hold them, and every one costs on the stream. */
function mean(ring: Ring, column: number, first: number, last: number): number | null {
  let sum = 0;
  let count = 0;
  for (let step = first; step <= last; step += 1) {
    const value = ring.value(column, step);
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return count === 0 ? null : Number((sum / count).toPrecision(3));
}
