/** A part of a volume that one writer has for itself. */
export interface Region {
  readonly offset: number;
  readonly length: number;
}

/** Regions begin at whole MiB, the largest block of a workload. */
const ALIGN = 1024 * 1024;

/** Who writes where on each volume, so that no writer takes another's blocks for its own gone wrong. */
export class Regions {
  private readonly taken = new Map<string, Region[]>();

  /** The first gap of `length` bytes (the volume's size at most); undefined when none is that large. */
  take(volume: string, sizeBytes: number, length: number): Region | undefined {
    const wanted = Math.min(length, sizeBytes);
    const others = this.taken.get(volume) ?? [];
    let offset = 0;
    for (const other of others) {
      if (offset + wanted <= other.offset) break;
      offset = Math.ceil((other.offset + other.length) / ALIGN) * ALIGN;
    }
    if (offset + wanted > sizeBytes) return undefined;
    const region = { offset, length: wanted };
    this.taken.set(
      volume,
      [...others, region].sort((a, b) => a.offset - b.offset),
    );
    return region;
  }

  free(volume: string, region: Region): void {
    const left = (this.taken.get(volume) ?? []).filter((r) => r !== region);
    if (left.length > 0) this.taken.set(volume, left);
    else this.taken.delete(volume);
  }
}
