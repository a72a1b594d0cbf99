const BEAT_MS = 20;
/** Timers are late by a little all the time. */
const USUALLY_LATE_MS = 20;

/**
 * Time that this process had, in milliseconds: what passes while it stands still, because the machine is busy or a
 * computation is long, does not count. Everything of an embedded cluster may be in one process, so its own standing still
 * would else be taken for the silence of others: keep-alives that nobody read, answers that nobody fetched.
 */
class ProcessTime {
  private counted = 0;
  private lastBeat = performance.now();

  constructor() {
    const beat = setInterval(() => {
      this.counted += this.sinceBeat();
      this.lastBeat = performance.now();
    }, BEAT_MS);
    beat.unref();
  }

  now(): number {
    return this.counted + this.sinceBeat();
  }

  private sinceBeat(): number {
    return Math.min(performance.now() - this.lastBeat, BEAT_MS + USUALLY_LATE_MS);
  }
}

// There is one event loop to a process, and so one time of it; it begins when it is first asked for.
let time: ProcessTime | undefined;

/** Milliseconds of process time; only differences mean something. */
export function processNow(): number {
  time ??= new ProcessTime();
  return time.now();
}

/** Calls back after so much process time, unless what is answered is called before. */
export function afterProcessTime(ms: number, call: () => void, options: { ref?: boolean } = {}): () => void {
  const end = processNow() + ms;
  let timer: NodeJS.Timeout;
  let isOver = false;
  const wait = (left: number) => {
    timer = setTimeout(look, left);
    if (options.ref === false) timer.unref();
  };
  const look = () => {
    const left = end - processNow();
    if (left > 1) return wait(left);
    // Not at once: an answer that has arrived is read in this turn of the event loop, before it counts as late.
    setImmediate(() => {
      if (!isOver) call();
    });
  };
  wait(ms);
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
