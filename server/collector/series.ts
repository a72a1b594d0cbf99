import type { IoRate, IoSeries } from '@/contract/io';
import { COLUMNS, Ring } from './ring';

export interface SeriesOptions {
  /** Seconds between two readings. */
  stepSeconds?: number;
  /** Points kept for each key; 3600 at one a second is an hour. */
  points?: number;
  /** Series of volumes kept at the same time; the one not looked at for longest makes room. */
  volumes?: number;
  now?: () => number;
}

/** Points of one answer: more than a chart has pixels for is averaged. */
const MAX_ANSWER = 600;

/**
 * I/O history by `cluster`, `node:<id>`, `pool:<id>` and `volume:<id>`. At most 115 KB a key with the defaults: 300 nodes
 * and pools and 500 volumes are 92 MB after an hour. Clusters, nodes and pools are always kept; volumes up to `volumes`,
 * beyond that those that were asked for last.
 */
export class SeriesStore {
  // Insertion order is age of use for volumes: asking for one moves it to the end.
  readonly #rings = new Map<string, Ring>();
  readonly #stepMs: number;
  readonly #points: number;
  readonly #maxVolumes: number;
  readonly #now: () => number;
  #volumes = 0;

  constructor({ stepSeconds = 1, points = 3600, volumes = 500, now = Date.now }: SeriesOptions = {}) {
    this.#stepMs = stepSeconds * 1000;
    this.#points = points;
    this.#maxVolumes = volumes;
    this.#now = now;
  }

  /** Appends what was measured at `at`; undefined is a gap. A volume beyond the cap that nobody asked for is not kept. */
  push(key: string, at: number, rate: IoRate | undefined): void {
    let ring = this.#rings.get(key);
    if (!ring) {
      if (isVolume(key) && this.#volumes >= this.#maxVolumes) return;
      ring = this.#add(key);
    }
    ring.push(at, rate);
  }

  /** Forgets the series whose object is gone. */
  keepOnly(exists: (key: string) => boolean): void {
    for (const key of this.#rings.keys()) if (!exists(key)) this.#drop(key);
  }

  /** The last `minutes` of one key, at most 600 points, oldest first. Empty when nothing was recorded yet. */
  of(key: string, minutes: number): IoSeries {
    const ring = this.#touch(key);
    const windowMs = minutes * 60_000;
    const stepMs = this.#stepMs * Math.max(1, Math.ceil(windowMs / this.#stepMs / MAX_ANSWER));
    return answer(ring, this.#now() - windowMs, stepMs);
  }

  #touch(key: string): Ring {
    const ring = this.#rings.get(key);
    if (!ring) return isVolume(key) ? this.#add(key) : new Ring(this.#points);
    if (isVolume(key)) {
      this.#rings.delete(key);
      this.#rings.set(key, ring);
    }
    return ring;
  }

  #add(key: string): Ring {
    const ring = new Ring(this.#points);
    if (isVolume(key)) {
      if (this.#volumes >= this.#maxVolumes) this.#dropOldestVolume();
      this.#volumes += 1;
    }
    this.#rings.set(key, ring);
    return ring;
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
 * Averages the points of each step. Steps lie on the absolute time line, so that a point keeps its place from answer to
 * answer. A step in which all is unknown, and a stretch without any reading, are null.
 */
function answer(ring: Ring, from: number, stepMs: number): IoSeries {
  const out: IoSeries = {
    at: [],
    readIops: [],
    writeIops: [],
    readBytesPerSecond: [],
    writeBytesPerSecond: [],
    readLatencyUs: [],
    writeLatencyUs: [],
    stepSeconds: stepMs / 1000,
  };
  const emit = (step: number, first: number, end: number) => {
    out.at.push(new Date(step * stepMs).toISOString());
    COLUMNS.forEach((name, column) => {
      out[name].push(mean(ring, column, first, end));
    });
  };
  let i = 0;
  while (i < ring.length && ring.at(i) < from) i += 1;
  let last: number | undefined;
  while (i < ring.length) {
    const step = Math.floor(ring.at(i) / stepMs);
    let end = i + 1;
    while (end < ring.length && Math.floor(ring.at(end) / stepMs) === step) end += 1;
    // Readings may come up to twice as slowly as the step without a hole in the line.
    if (last !== undefined && step - last > 3) emit(last + 1, 0, 0);
    emit(step, i, end);
    last = step;
    i = end;
  }
  return out;
}

function mean(ring: Ring, column: number, first: number, end: number): number | null {
  let sum = 0;
  let count = 0;
  for (let i = first; i < end; i += 1) {
    const value = ring.value(column, i);
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return count === 0 ? null : sum / count;
}
