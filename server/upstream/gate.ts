export interface GateOptions {
  /** Calls at the same time. */
  width: number;
  /** Calls that may wait for a place. */
  queue: number;
  waitMs: number;
}

/** Bounds what is asked of an upstream at the same time; who would wait too long, or with too many, is turned away. */
export class Gate {
  private busy = 0;
  private readonly waiting = new Set<(isIn: boolean) => void>();

  constructor(private readonly options: GateOptions) {}

  /** What `work` answers; undefined when there was no place for it, and then it was not begun. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (!(await this.enter())) return undefined;
    try {
      return await work();
    } finally {
      // The place is handed over, so `busy` already counts whoever was woken.
      const next = this.waiting.values().next().value;
      if (next) next(true);
      else this.busy -= 1;
    }
  }

  private enter(): Promise<boolean> {
    if (this.busy < this.options.width) {
      this.busy += 1;
      return Promise.resolve(true);
    }
    if (this.waiting.size >= this.options.queue) return Promise.resolve(false);
    return new Promise((resolve) => {
      const wake = (isIn: boolean) => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve(isIn);
      };
      const timer = setTimeout(() => wake(false), this.options.waitMs);
      this.waiting.add(wake);
    });
  }
}
