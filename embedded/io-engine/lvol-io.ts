import type { ByteRange } from '@/embedded/fabric/fabric';
import { FabricError } from '@/embedded/fabric/fabric';
import { nowNs } from './io-stats';
import { clusterOf, isWritten, type Lvol, mapEntry } from './lvol';
import type { Pool } from './pool';

interface Piece {
  /** Cluster of the lvol. */
  readonly index: number;
  readonly within: number;
  readonly length: number;
  /** Offset inside the I/O. */
  readonly at: number;
}

/** An I/O cut at the borders of clusters; most lie within one. */
function pieces(clusterSize: number, offset: number, length: number): Piece[] {
  const cut: Piece[] = [];
  for (let at = 0; at < length; ) {
    const index = Math.floor((offset + at) / clusterSize);
    const within = (offset + at) % clusterSize;
    const n = Math.min(clusterSize - within, length - at);
    cut.push({ index, within, length: n, at });
    at += n;
  }
  return cut;
}

/** Map entry through which cluster `index` is seen: the lvol's own, or that of the nearest ancestor; 0 for a hole. */
function visible(pool: Pool, lvol: Lvol | undefined, index: number): number {
  for (let l = lvol; l; l = l.parent === undefined ? undefined : pool.state.lvols.get(l.parent)) {
    const entry = l.map[index] ?? 0;
    if (entry !== 0) return entry;
  }
  return 0;
}

/** Reads what the lvol shows: own clusters, else those of its snapshots, else zeroes. Throws a FabricError. */
export function readLvol(pool: Pool, lvol: Lvol, offset: number, length: number): Buffer {
  const into = Buffer.allocUnsafe(length);
  for (const p of pieces(pool.clusterSize, offset, length)) {
    const entry = visible(pool, lvol, p.index);
    const part = into.subarray(p.at, p.at + p.length);
    if (!isWritten(entry)) {
      part.fill(0);
      continue;
    }
    const startedAt = nowNs();
    pool.disk.read(pool.position(clusterOf(entry), p.within), part);
    pool.disk.stats.count('read', p.length, startedAt);
  }
  return into;
}

/** Writes, allocating and copying clusters as needed. Throws a FabricError, `no-space` when the pool is full. */
export function writeLvol(pool: Pool, lvol: Lvol, offset: number, data: Buffer): void {
  for (const p of pieces(pool.clusterSize, offset, data.length)) {
    writePiece(pool, lvol, p, data.subarray(p.at, p.at + p.length));
  }
}

function writePiece(pool: Pool, lvol: Lvol, piece: Piece, data: Buffer): void {
  const own = lvol.map[piece.index] ?? 0;
  if (isWritten(own)) {
    diskWrite(pool, clusterOf(own), piece.within, data);
    return;
  }
  const cluster = own === 0 ? pool.state.findFree(1)?.[0] : clusterOf(own);
  if (cluster === undefined) throw new FabricError('no-space', `pool ${pool.name} is full`);
  const base = visible(pool, parentOf(pool, lvol), piece.index);
  const isVirgin = !pool.state.touched.has(cluster);
  // The touch is on disk before the data: after a crash between the two, the cluster does not pass for zeroes.
  if (isVirgin) pool.commit([{ o: 'touch', c: cluster, n: 1 }]);
  const isWhole = data.length === pool.clusterSize;
  if (own === 0 && isWritten(base) && !isWhole) {
    const whole = Buffer.allocUnsafe(pool.clusterSize);
    const startedAt = nowNs();
    pool.disk.read(pool.position(clusterOf(base), 0), whole);
    pool.disk.stats.count('read', whole.length, startedAt);
    data.copy(whole, piece.within);
    diskWrite(pool, cluster, 0, whole);
  } else if (isVirgin || isWhole) {
    diskWrite(pool, cluster, piece.within, data);
  } else {
    const whole = Buffer.alloc(pool.clusterSize);
    data.copy(whole, piece.within);
    diskWrite(pool, cluster, 0, whole);
  }
  pool.commit([{ o: 'map', l: lvol.id, i: piece.index, e: mapEntry(cluster, true) }]);
}

/** Makes the range read as zeroes; clusters covered whole are given back when nothing shines through from below. */
export function unmapLvol(pool: Pool, lvol: Lvol, offset: number, length: number): void {
  for (const p of pieces(pool.clusterSize, offset, length)) {
    const own = lvol.map[p.index] ?? 0;
    const base = visible(pool, parentOf(pool, lvol), p.index);
    if (!isWritten(own) && !(own === 0 && isWritten(base))) continue;
    if (p.length === pool.clusterSize && own !== 0 && !isWritten(base)) {
      const emptied = lvol.thin || lvol.parent !== undefined ? 0 : mapEntry(clusterOf(own), false);
      pool.commit([{ o: 'map', l: lvol.id, i: p.index, e: emptied }]);
      continue;
    }
    writePiece(pool, lvol, p, Buffer.alloc(p.length));
  }
}

/** Ranges that hold written data as the lvol shows it, whole clusters. */
export function allocatedRanges(pool: Pool, lvol: Lvol): ByteRange[] {
  const ranges: Array<{ offset: number; length: number }> = [];
  const size = pool.clusterSize;
  for (let index = 0; index < lvol.map.length; index++) {
    if (!isWritten(visible(pool, lvol, index))) continue;
    const last = ranges.at(-1);
    if (last && last.offset + last.length === index * size) last.length += size;
    else ranges.push({ offset: index * size, length: size });
  }
  return ranges;
}

function parentOf(pool: Pool, lvol: Lvol): Lvol | undefined {
  return lvol.parent === undefined ? undefined : pool.state.lvols.get(lvol.parent);
}

function diskWrite(pool: Pool, cluster: number, within: number, data: Buffer): void {
  const startedAt = nowNs();
  pool.disk.write(pool.position(cluster, within), data);
  pool.disk.stats.count('write', data.length, startedAt);
}
