import { diff } from '@/contract/patch';
import { type EventStream, encodeEvent } from './stream';

const MOST_PATCHES = 32;
const MOST_PATCH_CHARS = 64 * 1024;

interface Step {
  from: number;
  revision: number;
  encoded: string;
}

/** One topic with its present value, who follows it, and the patches that led there lately. */
export class LiveTopic {
  readonly streams = new Set<EventStream>();
  /** Of the value; grows with each change, and is never used twice while the process lives. 0: no value yet. */
  revision = 0;
  /** When nobody followed it any more. */
  leftAt = 0;
  private value: unknown;
  private full: string | undefined;
  private steps: Step[] = [];
  private stepChars = 0;

  constructor(readonly name: string) {}

  /** Takes the value of now; the answer is the event that carries the change, undefined when there is none. */
  update(value: unknown, nextRevision: () => number): string | undefined {
    const isFirst = this.revision === 0;
    const patch = isFirst ? undefined : diff(this.value, value);
    if (!isFirst && !patch) return undefined;
    const from = this.revision;
    this.revision = nextRevision();
    this.value = value;
    this.full = undefined;
    if (!patch) return undefined;
    const encoded = encodeEvent('patch', { topic: this.name, from, revision: this.revision, patch });
    this.remember({ from, revision: this.revision, encoded });
    return encoded;
  }

  /** The event that carries the whole value. */
  get whole(): string {
    this.full ??= encodeEvent('topic', { topic: this.name, revision: this.revision, data: this.value });
    return this.full;
  }

  /** The events that lead from a revision to now; undefined when they are no longer known, or weigh more than the whole. */
  since(revision: number | undefined): readonly Step[] | undefined {
    if (revision === undefined) return undefined;
    if (revision === this.revision) return [];
    const at = this.steps.findIndex((step) => step.from === revision);
    if (at < 0) return undefined;
    const steps = this.steps.slice(at);
    return steps.reduce((n, step) => n + step.encoded.length, 0) <= this.whole.length ? steps : undefined;
  }

  private remember(step: Step): void {
    this.steps.push(step);
    this.stepChars += step.encoded.length;
    while (this.steps.length > MOST_PATCHES || (this.stepChars > MOST_PATCH_CHARS && this.steps.length > 0)) {
      this.stepChars -= this.steps.shift()?.encoded.length ?? 0;
    }
  }
}
