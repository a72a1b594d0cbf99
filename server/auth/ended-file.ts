import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { z } from 'zod';

const Time = z.number().min(0);
const Text = z.string().max(64);

/** What outlives a restart of the sessions that ended early. Keys are digests; times in ms since 1970. */
const EndedSessions = z.strictObject({
  /** Sessions of another one have ended. */
  generation: Text.min(1),
  /** Session, and when it would have ended anyway. */
  sessions: z.array(z.tuple([Text, Time]).readonly()).readonly(),
  /** Person, what sessions of theirs have that have not ended, and when all others would have ended anyway. */
  people: z.array(z.tuple([Text, Text, Time]).readonly()).readonly(),
});
export type EndedSessions = z.infer<typeof EndedSessions>;

const AGAIN_MS = 5_000;

/**
 * The file that keeps which sessions have ended early, so that a restart with the same session key does not revive them. It is
 * replaced as a whole, so that it is never half written. One that is missing or cannot be understood may have named any
 * session: then all that were issued before have ended.
 */
export class EndedFile {
  private wanted: EndedSessions | undefined;
  private saving = Promise.resolve();

  private constructor(
    private readonly path: string,
    readonly kept: EndedSessions,
  ) {}

  /** Reads it, and writes it once, because one that cannot be written must be known at the start. Throws then. */
  static open(path: string): EndedFile {
    const kept = keptIn(path) ?? { generation: randomBytes(9).toString('base64url'), sessions: [], people: [] };
    const beside = besideOf(path);
    try {
      const file = openSync(beside, 'wx', 0o600);
      try {
        writeFileSync(file, textOf(kept));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(beside, path);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    }
    return new EndedFile(path, kept);
  }

  /** Resolves when this, or something newer, is on the disk. What cannot be written is told of, and tried again. */
  save(state: EndedSessions): Promise<void> {
    this.wanted = state;
    // One write at a time; the next one takes what all have wanted meanwhile.
    this.saving = this.saving.then(() => this.write());
    return this.saving;
  }

  private async write(): Promise<void> {
    const { wanted } = this;
    if (!wanted) return;
    this.wanted = undefined;
    const beside = besideOf(this.path);
    try {
      const file = await open(beside, 'wx', 0o600);
      try {
        await file.writeFile(textOf(wanted));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, this.path);
    } catch (error) {
      rmSync(beside, { force: true });
      this.wanted ??= wanted;
      const detail = error instanceof Error ? error.message : String(error);
      console.error(JSON.stringify({ level: 'warn', event: 'ended sessions cannot be kept', detail }));
      setTimeout(() => this.wanted && void this.save(this.wanted), AGAIN_MS).unref();
    }
  }
}

const textOf = (state: EndedSessions): string => `${JSON.stringify(state)}\n`;
const besideOf = (path: string): string => `${path}.${randomBytes(4).toString('hex')}.tmp`;

function keptIn(path: string): EndedSessions | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return EndedSessions.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
