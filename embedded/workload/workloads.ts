import type { ControlPlane } from '@/embedded/cluster/control-plane';
import type { Fabric } from '@/embedded/fabric/fabric';
import { Workload, type WorkloadSpec } from './workload';

const FOLLOW_MS = 500;

/** A gentle load for volumes that were published without one being named. */
const GENTLE = { pattern: 'randrw', blockSize: 4096, iops: 10, depth: 2, workingSetBytes: 6 * 1024 * 1024 } as const;

/** All workloads of a cluster, and where their targets are now. */
export class Workloads {
  private readonly byId = new Map<string, Workload>();
  private targets = new Map<string, string>();
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

  add(volume: string, spec: Omit<WorkloadSpec, 'seed'>): Workload {
    const id = String(this.next);
    const workload = new Workload(id, volume, this.fabric, () => this.targets.get(volume), {
      ...spec,
      seed: this.seed * 1000 + this.next,
    });
    this.next += 1;
    this.byId.set(id, workload);
    workload.start();
    return workload;
  }

  async remove(id: string): Promise<boolean> {
    const workload = this.byId.get(id);
    this.byId.delete(id);
    await workload?.stop();
    return workload !== undefined;
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
