import type { Volume } from '@/gen/v1/volume/volume';
import type { ControlPlane } from './control-plane';

/** So many volumes that churn published stay so at a time, so that a change can be looked at before it is undone. */
const HELD = 5;

/** Volumes that are tried for one change, until one can be changed. */
const TRIES = 3;

/** What churn asks of its cluster. */
interface ChurnHost {
  readonly control: Pick<ControlPlane, 'publish' | 'unpublish' | 'setMaxSnapshots' | 'listVolumes' | 'findVolume'>;
  readonly workloads: { leaveAlone(volume: string): void };
}

/**
 * Changes volumes at a steady rate by the control plane's own operations: publishes one that was not, and in turn takes
 * back the one that it published first. Where every volume is published it changes how many snapshots one may have.
 */
export class Churn {
  private readonly idle: string[] = [];
  private readonly held: string[] = [];
  private readonly others: string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private changing: Promise<void> | undefined;
  private limit = 0;

  constructor(
    private readonly host: ChurnHost,
    private readonly perSecond: number,
  ) {}

  /** Begins with the volumes that there are now. */
  async start(): Promise<void> {
    await this.choose();
    this.timer = setInterval(() => {
      // A change that takes longer than its turn is waited for: never more than asked for.
      this.changing ??= this.change().finally(() => {
        this.changing = undefined;
      });
    }, 1000 / this.perSecond);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.changing;
  }

  async choose(): Promise<void> {
    for (const volume of await this.host.control.listVolumes()) this.sort(volume);
    for (const volume of this.idle) this.host.workloads.leaveAlone(volume);
  }

  /** One change. A volume that refuses it, because a user or a fault had it meanwhile, gives way to the next. */
  async change(): Promise<void> {
    for (let tries = 0; tries < TRIES; tries += 1) if (await this.tryOne()) return;
  }

  private async tryOne(): Promise<boolean> {
    const { control } = this.host;
    const takesBack = this.held.length > HELD || (this.idle.length === 0 && this.held.length > 0);
    if (takesBack) return this.move(this.held, this.idle, (volume) => control.unpublish(volume));
    if (this.idle.length > 0) return this.move(this.idle, this.held, (volume) => control.publish(volume));
    this.limit = (this.limit % 64) + 1;
    return this.move(this.others, this.others, (volume) => control.setMaxSnapshots(volume, this.limit));
  }

  private async move(from: string[], to: string[], run: (volume: string) => Promise<unknown>): Promise<boolean> {
    const volume = from.shift();
    if (volume === undefined) return false;
    try {
      await run(volume);
      to.push(volume);
      return true;
    } catch {
      // Deleted: left out. An agent-core that is away says nothing: it stays what it was taken for.
      const now = await this.host.control.findVolume(volume).catch(() => 'unknown' as const);
      if (now === 'unknown') from.unshift(volume);
      else if (now) this.sort(now);
      return false;
    }
  }

  private sort({ definition }: Volume): void {
    const spec = definition?.spec;
    if (spec?.uuid) (spec.target ? this.others : this.idle).push(spec.uuid);
  }
}
