// Downloads a file, shows how far it is, and goes on where it broke off: a moment ago, or yesterday.
//
//     node examples/dist/download.js http://example.org/large.iso large.iso
//
// Until it is whole, what has come is in FILE.part, and FILE.part.json says what it is a part of. Only a strong ETag
// proves that two answers are parts of the same bytes (RFC 9110, section 13.1.5). Without one a broken download begins
// anew: half of one version and half of another would be worse than none.

import { open, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { HTTPConnection, HTTPSConnection, quote, type HTTPResponse } from '@http-client/client';

/** Milliseconds that the server may be silent. */
const TIMEOUT = 30_000;
/** After so many attempts in a row that brought nothing new it is given up. */
const ATTEMPTS = 5;
/** Answers that say "not now". */
const PASSING = [408, 429, 500, 502, 503, 504];

export interface DownloadOptions {
  /** Called with each block: the bytes that are there, and those of the whole where their number is known. */
  onProgress?: (done: number, total: number | undefined) => void;
  /** Ends the download, with its own reason. What has come stays, for the next time. */
  signal?: AbortSignal;
  /** Milliseconds before the second attempt: 1000. Each further one waits twice as long. */
  pause?: number;
}

/** What may be otherwise when it is asked for again. */
class Passing extends Error {}

/** Downloads `url` to `path`, where nothing is until it is whole; gives its length. */
export async function download(url: URL, path: string, options: DownloadOptions = {}): Promise<number> {
  const { onProgress, signal = new AbortController().signal, pause = 1000 } = options;
  signal.throwIfAborted();
  const Connection = url.protocol === 'https:' ? HTTPSConnection : HTTPConnection;
  const connection = new Connection(url.host, undefined, { timeout: TIMEOUT });
  // Closing ends whatever waits: for the connection, the answer, or the next block of its body.
  const abort = (): void => {
    connection.close();
  };
  signal.addEventListener('abort', abort);
  const part = await Part.open(path, url);
  try {
    let furthest = part.length;
    for (let failures = 0; ;) {
      try {
        await fetchRest(connection, url, part, onProgress);
        break;
      } catch (error) {
        signal.throwIfAborted();
        failures = part.length > furthest ? 1 : failures + 1;
        furthest = Math.max(furthest, part.length);
        if (failures === ATTEMPTS || !mayPass(error, furthest > 0)) throw error;
      }
      await setTimeout(pause * 2 ** (failures - 1), undefined, { signal });
    }
    await part.complete();
    return part.length;
  } finally {
    signal.removeEventListener('abort', abort);
    connection.close();
    await part.close();
  }
}

/** Asks for what is missing, and writes what comes; throws unless the file is whole then. */
async function fetchRest(
  connection: HTTPConnection,
  url: URL,
  part: Part,
  onProgress: DownloadOptions['onProgress'],
): Promise<void> {
  // If-Range: the rest of it, if it is still the same, and else all of it.
  const headers: Record<string, string> =
    part.etag !== undefined && part.length > 0
      ? { Range: `bytes=${part.length}-`, 'If-Range': part.etag }
      : {};
  await connection.request('GET', `${url.pathname}${url.search}`, { headers });
  const response = await connection.getResponse();
  try {
    const total = await prepare(part, response);
    // A body that breaks off ends the loop with an error, never as if it were whole.
    if (part.length !== total) {
      for await (const block of response) {
        await part.append(block);
        onProgress?.(part.length, total);
      }
    }
    // A server may give less of a range than it was asked for.
    if (total !== undefined && part.length !== total) {
      throw new Passing(`${part.length} bytes have come, of ${total}`);
    }
  } finally {
    // What is left of an answer that is of no use is not waited for.
    response.close();
  }
}

/** Makes the part ready for the body of the answer; gives the length of the whole, where that is known. */
async function prepare(part: Part, response: HTTPResponse): Promise<number | undefined> {
  const { status, reason, headers } = response;
  const etag = headers.get('ETag');
  const [, first, size] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers.get('Content-Range') ?? '') ?? [];
  const total = size === undefined || size === '*' ? undefined : Number(size);
  if (status === 200) {
    await part.restart(etag);
    return response.length;
  }
  if (status === 206 && part.etag !== undefined && first === String(part.length) && etag === part.etag)
    return total;
  // It broke off behind its last byte.
  if (status === 416 && part.length > 0 && total === part.length) return total;
  if (status === 206 || status === 416) {
    // Not what is missing, whatever it is: somebody on the way may know nothing of If-Range.
    await part.restart(undefined);
    throw new Passing(`what came does not continue what is there`);
  }
  const target = headers.get('Location');
  const said = `the answer is ${status} ${quote(reason)}${target === undefined ? '' : `, to ${quote(target)}`}`;
  throw PASSING.includes(status) ? new Passing(said) : new Error(said);
}

/**
 * Whether asking again is worth it. A GET may be repeated however far it got, so that every error of an exchange counts,
 * and each of them has a `delivery`: a full disk has none. Somebody who has seen nothing yet is told at once that the
 * server cannot be reached.
 */
function mayPass(error: unknown, begun: boolean): boolean {
  if (error instanceof Passing) return true;
  const delivery = error instanceof Error && 'delivery' in error ? error.delivery : undefined;
  return delivery !== undefined && (begun || delivery !== 'unsent');
}

/** What is there of a file, with the ETag of what it is a part of. */
class Part {
  readonly #path: string;
  readonly #url: URL;
  readonly #file: FileHandle;
  length = 0;
  etag: string | undefined;

  private constructor(path: string, url: URL, file: FileHandle) {
    this.#path = path;
    this.#url = url;
    this.#file = file;
  }

  static async open(path: string, url: URL): Promise<Part> {
    const part = new Part(path, url, await open(`${path}.part`, 'a'));
    const note = await readNote(`${path}.part.json`);
    if (note.url === url.href && note.etag !== undefined) {
      part.etag = note.etag;
      part.length = (await part.#file.stat()).size;
    }
    return part;
  }

  /** Forgets what is there. A weak ETag is as good as none: the bytes of two answers with it may differ. */
  async restart(etag: string | undefined): Promise<void> {
    this.length = 0;
    this.etag = etag?.startsWith('"') === true ? etag : undefined;
    await this.#file.truncate(0);
    // Before the first byte: bytes without a note are not used, a note without bytes does no harm.
    await writeFile(`${this.#path}.part.json`, JSON.stringify({ url: this.#url.href, etag: this.etag }));
  }

  async append(block: Uint8Array): Promise<void> {
    await this.#file.appendFile(block);
    this.length += block.length;
  }

  async complete(): Promise<void> {
    await this.#file.sync();
    await rename(`${this.#path}.part`, this.#path);
    await rm(`${this.#path}.part.json`, { force: true });
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function readNote(path: string): Promise<{ url?: string; etag?: string }> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as { url?: string; etag?: string };
  } catch {
    // None, or half of one: the download begins anew.
    return {};
  }
}

/** Prints how far it is: on a terminal in place, elsewhere a line for each tenth. */
function printProgress(done: number, total: number | undefined): void {
  const percent = total === undefined ? undefined : Math.floor((done / total) * 100);
  const text = percent === undefined ? `${done} bytes` : `${percent} % of ${total} bytes`;
  if (process.stderr.isTTY) process.stderr.write(`\r${text} `);
  else if (percent !== undefined && (percent >= printed + 10 || percent === 100))
    process.stderr.write(`${text}\n`);
  else return;
  printed = percent ?? 0;
}
let printed = 0;

/** The URL that was given on the command line, if it is one that is spoken here. */
function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new TypeError(`Cannot use ${quote(text)} as a URL: expected http://HOST/ or https://HOST/`);
}

async function main(args: readonly string[]): Promise<number> {
  const [url, path] = args;
  if (url === undefined || path === undefined) {
    console.error('usage: download URL FILE');
    return 2;
  }
  const interruption = new AbortController();
  process.once('SIGINT', () => {
    interruption.abort(new Error('interrupted; the same command goes on with it'));
  });
  const length = await download(urlOf(url), path, {
    onProgress: printProgress,
    signal: interruption.signal,
  });
  console.log(`${path}: ${length} bytes`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`download: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  });
}
