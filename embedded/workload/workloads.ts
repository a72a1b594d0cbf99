import type { ControlPlane } from '@/embedded/cluster/control-plane';
import type { Fabric } from '@/embedded/fabric/fabric';
import type { Volume } from '@/gen/v1/volume/volume';
import { type Region, Regions } from './regions';
import { Workload, type WorkloadSpec } from './workload';

const FOLLOW_MS = 500;
/** To read all volumes takes one part of the time in so many. */
const ALL_EVERY = 50;
const MOST_BY_ITSELF = 100;

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
  private readonly targets = new Map<string, string>();
  private readonly sizes = new Map<string, number>();
  private readonly leftAlone = new Set<string>();
  private allDueAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private following: Promise<void> | undefined;
  private next = 1;
  /** Gives published volumes a gentle load by itself, until MOST_BY_ITSELF carry one. */
  auto = false;

  constructor(
    private readonly fabric: Fabric,
    private readonly control: Pick<ControlPlane, 'listVolumes' | 'findVolume'>,
    private readonly seed: number,
  ) {}

  /** Starts to follow where targets are. */
  follow(): void {
    this.timer ??= setInterval(() => {
      this.following ??= this.turn().finally(() => {
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
    this.timer = undefined;
    await Promise.all(this.list().map((w) => w.stop()));
    this.byId.clear();
    await this.following;
  }

  /** Reads where targets are, of one volume or of all; an agent-core that is away leaves them as they were, as it does to hosts. */
  async look(volume?: string): Promise<void> {
    try {
      if (volume === undefined) await this.lookAtAll();
      else this.note(volume, await this.control.findVolume(volume));
    } catch {
      // Hosts go on with the target that they have.
    }
  }

  /** The load of this volume is somebody else's business: it gets none by itself. */
  leaveAlone(volume: string): void {
    this.leftAlone.add(volume);
  }

  /** All volumes if that is cheap, now and then if it is not; at each turn those whose load has lost its target. */
  private async turn(): Promise<void> {
    if (performance.now() >= this.allDueAt) await this.look();
    else
      for (const volume of new Set(this.list().flatMap((w) => (w.connected ? [] : [w.volume]))))
        await this.look(volume);
    await this.forget();
    if (this.auto && this.timer) this.addMissing();
  }

  private async lookAtAll(): Promise<void> {
    const startedAt = performance.now();
    const volumes = new Map((await this.control.listVolumes()).map((v) => [v.definition?.spec?.uuid ?? '', v]));
    for (const [uuid, volume] of volumes) this.note(uuid, volume);
    // One that was deleted between two pages may hide another, which therefore is asked for.
    for (const uuid of [...this.sizes.keys()])
      if (!volumes.has(uuid)) this.note(uuid, await this.control.findVolume(uuid));
    const now = performance.now();
    this.allDueAt = now + (now - startedAt) * ALL_EVERY;
  }

  private note(uuid: string, volume: Volume | undefined): void {
    const spec = volume?.definition?.spec;
    if (!spec) {
      this.sizes.delete(uuid);
      this.targets.delete(uuid);
      return;
    }
    this.sizes.set(uuid, Number(spec.size));
    const uri = spec.target && (volume.state?.target?.deviceUri || this.targets.get(uuid));
    if (uri) this.targets.set(uuid, uri);
    else this.targets.delete(uuid);
  }

  private async forget(): Promise<void> {
    for (const w of this.list()) if (!this.targets.has(w.volume) && !w.connected) await this.remove(w.id);
  }

  private addMissing(): void {
    const served = new Set(this.list().map((w) => w.volume));
    for (const volume of this.targets.keys()) {
      if (served.size >= MOST_BY_ITSELF) return;
      if (served.has(volume) || this.leftAlone.has(volume)) continue;
      try {
        this.add(volume, GENTLE);
        served.add(volume);
      } catch (error) {
        // Other writers have all of it.
        if (!(error instanceof RegionTaken)) throw error;
      }
    }
  }
}
