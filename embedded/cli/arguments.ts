import path from 'node:path';
import { parseArgs } from 'node:util';

/** Flags that cannot be used as they are: one line that says which, and how it is meant. */
export class BadArguments extends Error {}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  K: 1024,
  KIB: 1024,
  M: 1024 ** 2,
  MIB: 1024 ** 2,
  G: 1024 ** 3,
  GIB: 1024 ** 3,
  T: 1024 ** 4,
  TIB: 1024 ** 4,
};

const SPANS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };

/** The values of flags, each read as what it has to be. All of them throw BadArguments. */
export class Flags {
  private constructor(
    private readonly values: Readonly<Record<string, string[] | undefined>>,
    private readonly usage: string,
  ) {}

  /** `takes`: flags with a value; `switches`: those without. A flag may be given more than once. */
  static parse(args: readonly string[], takes: readonly string[], switches: readonly string[], usage: string): Flags {
    const options = Object.fromEntries([
      ...takes.map((name) => [name, { type: 'string' as const, multiple: true }] as const),
      ...switches.map((name) => [name, { type: 'boolean' as const, multiple: true }] as const),
    ]);
    try {
      const { values } = parseArgs({ args: [...args], options });
      const texts = Object.entries(values).map(([name, list]) => [name, [list].flat().map(String)] as const);
      return new Flags(Object.fromEntries(texts), usage);
    } catch (error) {
      // Node's own words: the first sentence says which flag.
      throw new BadArguments(
        `${(error instanceof Error ? error.message : String(error)).split(/\.\s/)[0]}\nusage: ${usage}`,
      );
    }
  }

  has(name: string): boolean {
    return this.values[name] !== undefined;
  }

  all(name: string): readonly string[] {
    return this.values[name] ?? [];
  }

  text(name: string): string | undefined {
    return this.all(name).at(-1);
  }

  required(name: string): string {
    const text = this.text(name);
    if (text === undefined || text === '') throw this.bad(`--${name} is missing`);
    return text;
  }

  number(name: string, least: number, most: number, otherwise: number, isWhole = true): number {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const n = text.trim() === '' ? Number.NaN : Number(text);
    if (!(n >= least && n <= most) || (isWhole && !Number.isInteger(n)))
      throw this.bad(`--${name} must be a number from ${least} to ${most}, not '${text}'`);
    return n;
  }

  /** `host:port`. */
  address(name: string): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const port = Number(/^(?:\[[0-9a-f:.]+\]|[^\s:/]+):(\d{1,5})$/i.exec(text)?.[1]);
    if (!(port >= 1 && port <= 65_535)) throw this.bad(`--${name} must be host:port, not '${text}'`);
    return text;
  }

  /** Milliseconds of `500ms`, `10s`, `5m`, `1h`. */
  span(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|min|h)$/.exec(text) ?? [];
    const ms = Number(digits) * (SPANS[unit ?? ''] ?? Number.NaN);
    if (!(ms >= 1)) throw this.bad(`--${name} must be a time such as 500ms, 10s or 5m, not '${text}'`);
    return ms;
  }

  /** Disks as `FILE:SIZE`, the file absolute, the size in bytes. */
  disks(name: string): Array<{ path: string; sizeBytes: number }> {
    const disks = this.all(name).map((text) => {
      const [, file, digits, unit] = /^(.+):(\d+)([a-z]*)$/i.exec(text) ?? [];
      const bytes = Number(digits) * (UNITS[unit?.toUpperCase() ?? ''] ?? Number.NaN);
      if (file === undefined || !(bytes >= 512) || bytes % 512 !== 0 || !Number.isSafeInteger(bytes))
        throw this.bad(`--${name} must be FILE:SIZE, such as /var/tmp/disk0.img:10GiB, not '${text}'`);
      return { path: path.resolve(file), sizeBytes: bytes };
    });
    const twice = disks.find((disk, i) => disks.findIndex((other) => other.path === disk.path) !== i);
    if (twice) throw this.bad(`--${name} names ${twice.path} twice`);
    return disks;
  }

  bad(what: string): BadArguments {
    return new BadArguments(`${what}\nusage: ${this.usage}`);
  }
}
