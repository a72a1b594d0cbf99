/**
 * Runs at most one `work` at a time and at most one behind it, so that whoever asks gets a run that began after the
 * question, however many ask. `work` must not reject.
 */
export class Coalescer {
  #running: Promise<void> | undefined;
  #queued: Promise<void> | undefined;

  /** Whether something runs now, or is about to. */
  get busy(): boolean {
    return (this.#running ?? this.#queued) !== undefined;
  }

  run(work: () => Promise<void>): Promise<void> {
    if (this.#queued) return this.#queued;
    if (!this.#running) return this.#start(work);
    this.#queued = this.#running.then(() => {
      this.#queued = undefined;
      return this.#start(work);
    });
    return this.#queued;
  }

  #start(work: () => Promise<void>): Promise<void> {
    const running = work().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}
