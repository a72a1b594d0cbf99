import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { byKey } from './memory-store';
import type { Store } from './store';

interface Waiter {
  readonly line: string;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Below this many log lines compaction is not worth a rewrite. */
const COMPACT_MIN_LINES = 4_000;

/**
 * One append-only log file of JSON lines `[key, value]` (`[key]` is a delete). A change resolves once its line is
 * synced, so it survives kill -9; a line torn by the kill was never acknowledged and is cut off on open. When dead
 * lines outnumber live ones four to one, a fresh file is written beside the log and renamed over it.
 */
export class FileStore implements Store {
  readonly #path: string;
  readonly #entries: Map<string, string>;
  #file: FileHandle;
  #lines: number;
  #queue: Waiter[] = [];
  #flushing: Promise<void> | undefined;
  #closed = false;

  private constructor(path: string, entries: Map<string, string>, file: FileHandle, lines: number) {
    this.#path = path;
    this.#entries = entries;
    this.#file = file;
    this.#lines = lines;
  }

  /** Opens the log at `path`, creating it when missing. Rejects when a line other than the last cannot be read. */
  static async open(path: string): Promise<FileStore> {
    await rm(`${path}.new`, { force: true });
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const end = text.lastIndexOf('\n') + 1;
    const lines = text.slice(0, end).split('\n').slice(0, -1);
    const entries = new Map<string, string>();
    for (const line of lines) apply(entries, line);
    const file = await open(path, 'a');
    if (end < text.length) await file.truncate(Buffer.byteLength(text.slice(0, end)));
    return new FileStore(path, entries, file, lines.length);
  }

  async get(key: string): Promise<string | undefined> {
    return this.#entries.get(key);
  }

  put(key: string, value: string): Promise<void> {
    return this.#append(key, value);
  }

  async delete(key: string): Promise<void> {
    if (this.#entries.has(key)) await this.#append(key);
  }

  async list(prefix: string): Promise<Array<readonly [key: string, value: string]>> {
    return [...this.#entries].filter(([key]) => key.startsWith(prefix)).sort(byKey);
  }

  /** Writes what is queued and closes the file; later changes reject. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#flushing;
    await this.#file.close();
  }

  #append(key: string, value?: string): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the store is closed'));
    // Readers see the change before it is durable, in the order of the log; whoever asked waits for the sync.
    if (value === undefined) this.#entries.delete(key);
    else this.#entries.set(key, value);
    const line = `${JSON.stringify(value === undefined ? [key] : [key, value])}\n`;
    return new Promise((done, failed) => {
      this.#queue.push({ line, done, failed });
      this.#flushing ??= this.#flush();
    });
  }

  /** Group commit: all lines that gathered during the last sync go out together. */
  async #flush(): Promise<void> {
    await Promise.resolve(); // so that `#flushing` is set before this ends, even when the first write fails at once
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        await this.#file.appendFile(batch.map((waiter) => waiter.line).join(''));
        await this.#file.datasync();
        this.#lines += batch.length;
        for (const waiter of batch) waiter.done();
        if (this.#lines > COMPACT_MIN_LINES && this.#lines > 4 * this.#entries.size) await this.#compact();
      } catch (error) {
        for (const waiter of batch) waiter.failed(error);
      }
    }
    // In the same turn as the last look at the queue: a line that comes later starts the next flush.
    this.#flushing = undefined;
  }

  async #compact(): Promise<void> {
    const queued = this.#queue.length;
    const entries = [...this.#entries];
    const fresh = await open(`${this.#path}.new`, 'w');
    await fresh.appendFile(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    await fresh.sync();
    await fresh.close();
    await rename(`${this.#path}.new`, this.#path);
    const folder = await open(dirname(this.#path), 'r');
    await folder.sync().finally(() => folder.close());
    const old = this.#file;
    this.#file = await open(this.#path, 'a');
    await old.close();
    // Changes queued before the copy are in it already; writing their lines again is harmless: the last line wins.
    this.#lines = entries.length + queued;
  }
}

function apply(entries: Map<string, string>, line: string): void {
  const parsed: unknown = JSON.parse(line);
  if (!Array.isArray(parsed)) throw new Error('the store log holds a line that is not an entry');
  const [key, value] = parsed as unknown[];
  if (typeof key !== 'string') throw new Error('the store log holds a line that is not an entry');
  if (typeof value === 'string') entries.set(key, value);
  else entries.delete(key);
}
