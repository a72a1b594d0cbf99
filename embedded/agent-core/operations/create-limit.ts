import { Kind, ofKind, Resource } from '../errors';

const AT_ONCE = 10;

/** At most 10 volumes are made at once; the others wait a while, then are told that the service is busy. */
export class CreateLimit {
  #running = 0;
  readonly #waiting: Array<() => void> = [];

  constructor(private readonly waitMs: number) {}

  async run<T>(volume: string, work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) await this.#wait(volume);
    else this.#running++;
    try {
      return await work();
    } finally {
      // The place goes straight to the next in line, so that nobody slips in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  #wait(volume: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(admit), 1);
        reject(
          ofKind(
            Kind.Aborted,
            Resource.Unknown,
            'ServiceBusy',
            `Volume '${volume}' has to wait: ${AT_ONCE} are being created`,
          ),
        );
      }, this.waitMs);
      const admit = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.push(admit);
    });
  }
}
