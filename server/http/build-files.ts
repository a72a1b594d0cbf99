import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

type Encoding = 'br' | 'gzip' | 'identity';

interface Kind {
  type: string;
  /** Text gets smaller; fonts are compressed already. */
  isText: boolean;
}

const KINDS: Readonly<Record<string, Kind>> = {
  '.js': { type: 'application/javascript; charset=UTF-8', isText: true },
  '.css': { type: 'text/css; charset=UTF-8', isText: true },
  '.svg': { type: 'image/svg+xml', isText: true },
  '.woff2': { type: 'font/woff2', isText: false },
};

interface File {
  path: string;
  kind: Kind;
  /** Its name has a hash of what is in it, so a browser need never ask again. */
  isHashed: boolean;
}

interface Body {
  bytes: Buffer;
  etag: string;
}

const gzipped = promisify(gzip);
const brotlied = promisify(brotliCompress);

/** Where the files are, and the paths under which they are asked for. */
export interface BuildFolders {
  /** `.next/static`, asked for below /_next/static/. */
  built: string;
  /** Scripts of `public/`, asked for at the root. */
  scripts: string;
}

/**
 * The files of the build, each compressed once and kept in memory (2 MB in all): Next would compress each anew for every browser,
 * on the one thread that also answers everything else. Which there are is known at the start; a path that is none of
 * them is not looked for on the disk.
 */
export class BuildFiles {
  readonly #files = new Map<string, File>();
  readonly #bodies = new Map<string, Promise<Body>>();

  /** Throws where the build is not there. */
  constructor({ built, scripts }: BuildFolders) {
    for (const entry of readdirSync(built, { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      const name = path.relative(built, file).split(path.sep).map(encodeURIComponent).join('/');
      if (entry.isFile()) this.#add(`/_next/static/${name}`, file, true);
    }
    for (const name of readdirSync(scripts)) {
      if (name.endsWith('.js')) this.#add(`/${encodeURIComponent(name)}`, path.join(scripts, name), false);
    }
  }

  /** Whether `urlPath` is one of the files. */
  has(urlPath: string): boolean {
    return this.#files.has(urlPath);
  }

  /** Answers a GET or HEAD of one of the files. Rejects when it cannot be read any more. */
  async answer(urlPath: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const file = this.#files.get(urlPath);
    if (!file) throw new Error(`${urlPath} is no file of the build`);
    const encoding = file.kind.isText ? encodingFor(req.headers['accept-encoding']) : 'identity';
    const { bytes, etag } = await this.#body(file, encoding);
    res.setHeader('cache-control', file.isHashed ? 'public, max-age=31536000, immutable' : 'public, max-age=0');
    res.setHeader('etag', etag);
    if (file.kind.isText) res.setHeader('vary', 'accept-encoding');
    if (req.headers['if-none-match'] === etag) {
      res.statusCode = 304;
      return void res.end();
    }
    res.setHeader('content-type', file.kind.type);
    res.setHeader('content-length', bytes.length);
    if (encoding !== 'identity') res.setHeader('content-encoding', encoding);
    res.end(req.method === 'HEAD' ? undefined : bytes);
  }

  #add(urlPath: string, file: string, isHashed: boolean): void {
    const extension = path.extname(file);
    const kind = Object.hasOwn(KINDS, extension) ? KINDS[extension] : undefined;
    if (kind) this.#files.set(urlPath, { path: file, kind, isHashed });
  }

  #body(file: File, encoding: Encoding): Promise<Body> {
    const key = `${encoding} ${file.path}`;
    let body = this.#bodies.get(key);
    if (!body) {
      body = readBody(file, encoding);
      this.#bodies.set(key, body);
      // Asked again next time: it may have been the limit of open files.
      body.catch(() => this.#bodies.delete(key));
    }
    return body;
  }
}

async function readBody(file: File, encoding: Encoding): Promise<Body> {
  const raw = await readFile(file.path);
  const bytes =
    encoding === 'br'
      ? await brotlied(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
      : encoding === 'gzip'
        ? await gzipped(raw, { level: 9 })
        : raw;
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return { bytes, etag: `"${hash}"` };
}

/** The best encoding that a browser names; one that it gives no weight is not wanted. */
function encodingFor(accepted: string | string[] | undefined): Encoding {
  const wanted = new Set(
    String(accepted ?? '')
      .toLowerCase()
      .split(',')
      .map((part) => part.split(';').map((s) => s.trim()))
      .filter(([, weight]) => !/^q=0(\.0*)?$/.test(weight ?? ''))
      .map(([name]) => name),
  );
  return wanted.has('br') ? 'br' : wanted.has('gzip') ? 'gzip' : 'identity';
}
