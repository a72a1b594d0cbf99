import { tokenHeader } from '../session/token';

/** What the connection needs of a stream; an EventSource has it, too. */
export interface EventStream {
  onerror: (() => void) | null;
  /** The console has no such cluster: to come back would bring nothing. An EventSource never says so. */
  ongone?: (() => void) | null;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

type Listener = (event: MessageEvent<string>) => void;

/**
 * A stream of server-sent events by fetch: an EventSource cannot send the header that proves which page asks. It does not
 * come back by itself; the connection decides when.
 */
export class FetchedEvents implements EventStream {
  onerror: (() => void) | null = null;
  ongone: (() => void) | null = null;
  private readonly listeners = new Map<string, Listener[]>();
  private readonly ending = new AbortController();

  /** `lastId` says what is there already, so that only what was missed comes. */
  constructor(url: string, lastId?: string) {
    void this.read(url, lastId);
  }

  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  close(): void {
    this.onerror = null;
    this.ongone = null;
    this.listeners.clear();
    this.ending.abort();
  }

  private async read(url: string, lastId: string | undefined): Promise<void> {
    try {
      const response = await fetch(url, {
        headers: {
          accept: 'text/event-stream',
          ...tokenHeader(),
          ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
        },
        signal: this.ending.signal,
      });
      // In the console's own words: a proxy before one that restarts may say 404, too.
      if (response.status === 404 && (await codeOf(response)) === 'unknown_cluster') return this.ongone?.();
      if (response.ok && response.body) {
        const parser = new EventParser((type, data, id) => this.dispatch(type, data, id));
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let part = await reader.read(); !part.done; part = await reader.read()) parser.take(part.value);
      }
    } catch {
      // Closed by us, or lost: both end here.
    }
    this.onerror?.();
  }

  private dispatch(type: string, data: string, lastEventId: string): void {
    const event = new MessageEvent(type, { data, lastEventId });
    for (const listener of this.listeners.get(type) ?? []) listener(event);
  }
}

async function codeOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json().catch(() => undefined);
  return typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
}

/** Takes a stream of server-sent events apart, however it is cut into pieces. */
export class EventParser {
  private rest = '';
  private type = '';
  private data: string[] = [];
  /** Of the newest event that had one; it holds until the next. */
  private id = '';

  constructor(private readonly emit: (type: string, data: string, id: string) => void) {}

  take(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.line(line.endsWith('\r') ? line.slice(0, -1) : line);
  }

  private line(line: string): void {
    if (line === '') {
      if (this.data.length > 0) this.emit(this.type || 'message', this.data.join('\n'), this.id);
      this.type = '';
      this.data = [];
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.type = value;
    else if (field === 'data') this.data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.id = value;
  }
}
