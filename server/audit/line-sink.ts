import { write } from 'node:fs';

const AGAIN_MS = 20;
/** Lines that wait are written together, up to so many bytes: one at a time a crowd of changes would wait for its turns. */
const MOST_AT_ONCE = 32 * 1024;

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
  /** What is being written now: lines, and the bytes of them that have not been taken over yet. */
  private batch: { lines: Waiting[]; bytes: Buffer } | undefined;
  private isWriting = false;

  constructor(
    private readonly fd: number,
    private readonly capacity = 2_000,
    private readonly out: Write = (fd, bytes, done) => write(fd, bytes, done),
  ) {}

  /** Resolves when the line has been taken over by the operating system; rejects when it cannot be written. */
  write(line: string): Promise<void> {
    if (this.count >= this.capacity) return Promise.reject(new Error('too many lines wait to be written'));
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
    while (this.count > 0) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }

  private get count(): number {
    return this.waiting.length + (this.batch?.lines.length ?? 0);
  }

  private next(): void {
    this.batch ??= this.takeBatch();
    const { batch } = this;
    if (this.isWriting || !batch) return;
    this.isWriting = true;
    this.out(this.fd, batch.bytes, (error, written) => {
      this.isWriting = false;
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.next(), AGAIN_MS).unref();
        return;
      }
      if (!error && written < batch.bytes.length) batch.bytes = batch.bytes.subarray(written);
      else {
        this.batch = undefined;
        for (const line of batch.lines) line.done(error ?? undefined);
      }
      this.next();
    });
  }

  private takeBatch(): { lines: Waiting[]; bytes: Buffer } | undefined {
    let bytes = 0;
    let count = 0;
    for (const line of this.waiting) {
      if (count > 0 && bytes + line.bytes.length > MOST_AT_ONCE) break;
      bytes += line.bytes.length;
      count += 1;
    }
    const lines = this.waiting.splice(0, count);
    return lines.length === 0 ? undefined : { lines, bytes: Buffer.concat(lines.map((l) => l.bytes)) };
  }
}
