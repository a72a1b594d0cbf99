import { write } from 'node:fs';

const AGAIN_MS = 20;

interface Waiting {
  bytes: Buffer;
  done: (error: Error | undefined) => void;
}

/** Writes some bytes to a file descriptor; `node:fs`'s write, or a test's. */
type Write = (fd: number, bytes: Buffer, done: (error: NodeJS.ErrnoException | null, written: number) => void) => void;

/**
 * Lines to a file descriptor in their order, without ever holding up the process: whoever reads stdout may have stopped, and
 * node's own writes to a pipe would then wait for it. At most `capacity` lines wait; further ones are refused.
 */
export class LineSink {
  private readonly waiting: Waiting[] = [];
  private isWriting = false;

  constructor(
    private readonly fd: number,
    private readonly capacity = 2_000,
    private readonly out: Write = (fd, bytes, done) => write(fd, bytes, done),
  ) {}

  /** Resolves when the line has been taken over by the operating system; rejects when it cannot be written. */
  write(line: string): Promise<void> {
    if (this.waiting.length >= this.capacity) return Promise.reject(new Error('too many lines wait to be written'));
    return new Promise((resolve, reject) => {
      this.waiting.push({
        bytes: Buffer.from(`${line}\n`, 'utf8'),
        done: (error) => (error ? reject(error) : resolve()),
      });
      this.next();
    });
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    while (this.waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }

  private next(): void {
    const [first] = this.waiting;
    if (this.isWriting || !first) return;
    this.isWriting = true;
    this.out(this.fd, first.bytes, (error, written) => {
      this.isWriting = false;
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.next(), AGAIN_MS).unref();
        return;
      }
      if (!error && written < first.bytes.length) first.bytes = first.bytes.subarray(written);
      else {
        this.waiting.shift();
        first.done(error ?? undefined);
      }
      this.next();
    });
  }
}
