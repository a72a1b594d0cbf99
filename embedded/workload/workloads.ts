import type { ControlPlane } from '@/embedded/cluster/control-plane';
import type { Fabric } from '@/embedded/fabric/fabric';
import { type Region, Regions } from './regions';
import { Workload, type WorkloadSpec } from './workload';

const FOLLOW_MS = 500;

/** A gentle load for volumes that were published without one being named. */
const GENTLE = { pattern: 'randrw', blockSize: 4096, iops: 10, depth: 2, workingSetBytes: 6 * 1024 * 1024 } as const;

/** No part of the volume is free for one more writer. */
export class RegionTaken extends Error {}

/** A workload for a volume that has no target. */
export class NotPublished extends Error {}

/** A workload for a volume that is not there. */
export class NoSuchVolume extends Error {}

/** All workloads of a cluster, and where their targets are now. */
export class Workloads {
  private readonly byId = new Map<string, Workload>();
  private readonly regions = new Regions();
  private targets = new Map<string, string>();
  private sizes = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private following: Promise<void> | undefined;
  private next = 1;
  /** Gives every published volume a gentle load by itself. */
  auto = false;

  constructor(
    private readonly fabric: Fabric,
    private readonly control: ControlPlane,
    private readonly seed: number,
  ) {}

  /** Starts to follow where targets are. */
  follow(): void {
    this.timer ??= setInterval(() => {
      this.following ??= this.look().finally(() => {
        this.following = undefined;
      });
    }, FOLLOW_MS);
  }

  /** Starts a workload on a part of the volume that no other writes. Throws NoSuchVolume, NotPublished or RegionTaken. */
  add(volume: string, spec: Omit<WorkloadSpec, 'seed'>): Workload {
    if (this.sizes.has(volume) && !this.targets.has(volume)) {
      throw new NotPublished(`volume ${volume} is not published: nothing can write to it`);
    }
    const region = this.reserve(volume, spec.workingSetBytes);
    const id = String(this.next);
    const seeded = { ...spec, seed: this.seed * 1000 + this.next };
    const workload = new Workload(id, volume, this.fabric, () => this.targets.get(volume), seeded, region);
    this.next += 1;
    this.byId.set(id, workload);
    workload.start();
    return workload;
  }

  /** Keeps a part of the volume free of workloads, for another writer. Throws NoSuchVolume or RegionTaken. */
  reserve(volume: string, length: number): Region {
    const size = this.sizes.get(volume);
    if (size === undefined) throw new NoSuchVolume(`there is no volume ${volume}`);
    const region = this.regions.take(volume, size, length);
    if (region) return region;
    throw new RegionTaken(
      `other workloads write to volume ${volume} and leave no ${length} bytes of its ${size} free: end one, or ask for a smaller workingSetBytes`,
    );
  }

  async remove(id: string): Promise<boolean> {
    const workload = this.byId.get(id);
    if (!workload) return false;
    this.byId.delete(id);
    await workload.stop();
    this.regions.free(workload.volume, workload.region);
    return true;
  }

  list(): Workload[] {
    return [...this.byId.values()];
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.list().map((w) => w.stop()));
    this.byId.clear();
    await this.following;
  }

  /** Reads targets anew; an agent-core that is away leaves them as they were, as it does to hosts. */
  async look(): Promise<void> {
    try {
      const volumes = await this.control.listVolumes();
      const targets = new Map<string, string>();
      this.sizes = new Map(volumes.map((v) => [v.definition?.spec?.uuid ?? '', Number(v.definition?.spec?.size ?? 0)]));
      for (const v of volumes) {
        const uuid = v.definition?.spec?.uuid;
        const spec = v.definition?.spec?.target;
        if (!uuid || !spec) continue;
        const uri = v.state?.target?.deviceUri || this.targets.get(uuid);
        if (uri) targets.set(uuid, uri);
      }
      this.targets = targets;
      await this.forget(targets);
      if (this.auto) this.addMissing(targets);
    } catch {
      // Hosts go on with the target that they have.
    }
  }

  private async forget(targets: ReadonlyMap<string, string>): Promise<void> {
    for (const w of this.list()) if (!targets.has(w.volume) && !w.connected) await this.remove(w.id);
  }

  private addMissing(targets: ReadonlyMap<string, string>): void {
    const served = new Set(this.list().map((w) => w.volume));
    for (const volume of targets.keys()) if (!served.has(volume)) this.add(volume, GENTLE);
  }
}
