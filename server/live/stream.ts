import type { ServerResponse } from 'node:http';
import { SentLog } from './resumption';

const MAX_QUEUED_BYTES = 256 * 1024;
const CUT_AFTER_MS = 5_000;
/** Whoever does not read its end keeps no connection for longer. */
const LEAVE_MS = 2_000;

/**
 * One tab's SSE connection. A client that does not read is cut once more than 256 KiB wait for it over 5 s: twenty such
 * clients cost a naive server a gigabyte in 20 s (security study, section 0).
 */
export class EventStream {
  readonly log = new SentLog();
  /** When something was sent last. */
  sentAt: number;
  private stuckSince: number | undefined;
  private ended = false;
  /** The client did not read. */
  wasCut = false;

  constructor(
    readonly id: string,
    private readonly res: ServerResponse,
    private readonly now: () => number,
  ) {
    this.sentAt = now();
    res.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      // Nothing comes behind a stream: its socket ends with it, and not with the next that an idle proxy would have sent.
      connection: 'close',
    });
    res.flushHeaders();
    res.on('close', () => {
      this.ended = true;
    });
  }

  get closed(): boolean {
    return this.ended;
  }

  /** Sends an event by which a tab can resume: with a topic, it has that revision of it then. False: it was not sent. */
  sendNoted(encoded: string, topic?: string, revision?: number): boolean {
    if (this.send(`id: ${this.id}.${this.log.note(topic, revision)}\n${encoded}`)) return true;
    // It did not go out, so nothing that comes after it may be resumed from.
    if (topic !== undefined) this.log.note(topic, 0);
    return false;
  }

  /** Sends one encoded event; drops the connection instead when the client has stopped reading. False: it was not sent. */
  send(encoded: string): boolean {
    if (this.ended) return false;
    if (this.isStuck()) return false;
    this.sentAt = this.now();
    this.res.write(encoded);
    return true;
  }

  /** Whether the client has stopped reading; one that has for too long is cut. */
  isStuck(): boolean {
    if (!this.busy) {
      this.stuckSince = undefined;
      return false;
    }
    this.stuckSince ??= this.now();
    if (this.now() - this.stuckSince >= CUT_AFTER_MS) {
      this.ended = true;
      this.wasCut = true;
      this.res.destroy();
    }
    return true;
  }

  /** Whether the last bytes have not left yet: a new update would only queue behind them. */
  get busy(): boolean {
    return this.res.writableLength > MAX_QUEUED_BYTES;
  }

  onClose(listener: () => void): void {
    this.res.on('close', listener);
  }

  end(lastEvent?: string): void {
    if (this.ended) return;
    this.ended = true;
    this.res.end(lastEvent);
    setTimeout(() => this.res.destroy(), LEAVE_MS).unref();
  }
}

/** One SSE event with a JSON body. JSON has no raw line breaks, so one data line is enough. */
export function encodeEvent(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
