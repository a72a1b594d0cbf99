/** Lets at most `width` pieces of work run side by side; the others wait in order. */
export class Lane {
  #busy = 0;
  readonly #waiting: Array<() => void> = [];

  constructor(private readonly width: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    // The place is handed over by the one that leaves, so `#busy` already counts whoever was woken.
    if (this.#busy >= this.width) await new Promise<void>((wake) => this.#waiting.push(wake));
    else this.#busy += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#busy -= 1;
    }
  }
}
