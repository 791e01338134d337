// Downloads a file with its progress, and resumes where it was interrupted: a moment ago, or in an earlier run.
//
//     node examples/dist/download.js http://example.org/large.iso large.iso
//
// Until the file is complete, the received bytes are in FILE.part, and FILE.part.json says what they are a part of.
// Only a strong ETag proves that two responses are parts of the same bytes (RFC 9110, section 13.1.5). Without one an
// interrupted download starts again: half of one version and half of another would be worse than nothing.

import { open, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { HTTPConnection, HTTPSConnection, quote, type HTTPResponse } from '@http-client/client';

/** Milliseconds to wait for the server's next bytes. */
const TIMEOUT = 30_000;
/** It fails after this many attempts in a row without a new byte. */
const ATTEMPTS = 5;
/** Statuses of temporary failures. */
const PASSING = [408, 429, 500, 502, 503, 504];

export interface DownloadOptions {
  /** Called for each block: the bytes received so far, and the length of the file if it is known. */
  onProgress?: (done: number, total: number | undefined) => void;
  /** Called before each further attempt: why the last one failed, and the milliseconds until the next. */
  onRetry?: (error: unknown, pause: number) => void;
  /** Aborts the download, with the signal's reason. The received bytes are kept for the next run. */
  signal?: AbortSignal;
  /** Milliseconds before the second attempt, 1000 by default. The pause doubles with each attempt. */
  pause?: number;
}

/** A failure that may be temporary. */
class Passing extends Error {}

/** Downloads `url` to `path`, where no file appears until it is complete. Resolves with its length. */
export async function download(url: URL, path: string, options: DownloadOptions = {}): Promise<number> {
  const { onProgress, onRetry, signal = new AbortController().signal, pause = 1000 } = options;
  signal.throwIfAborted();
  const Connection = url.protocol === 'https:' ? HTTPSConnection : HTTPConnection;
  const connection = new Connection(url.host, undefined, { timeout: TIMEOUT });
  // Closing ends any wait: for the connection, or the response; `fetchRest` does the same for the body.
  const abort = (): void => {
    connection.close();
  };
  signal.addEventListener('abort', abort);
  const part = await Part.open(path, url);
  try {
    let furthest = part.length;
    for (let failures = 0; ;) {
      try {
        await fetchRest(connection, url, part, signal, onProgress);
        break;
      } catch (error) {
        signal.throwIfAborted();
        failures = part.length > furthest ? 1 : failures + 1;
        furthest = Math.max(furthest, part.length);
        if (failures === ATTEMPTS || !mayPass(error, furthest > 0)) throw error;
        const milliseconds = pause * 2 ** (failures - 1);
        onRetry?.(error, milliseconds);
        await setTimeout(milliseconds, undefined, { signal });
      }
    }
    await part.complete();
    return part.length;
  } finally {
    signal.removeEventListener('abort', abort);
    connection.close();
    await part.close();
  }
}

/** Requests the missing bytes and writes them; throws unless the file is then complete. */
async function fetchRest(
  connection: HTTPConnection,
  url: URL,
  part: Part,
  signal: AbortSignal,
  onProgress: DownloadOptions['onProgress'],
): Promise<void> {
  // After a failed write it waits for `getResponse`: the server might have responded.
  if (connection.state !== 'Idle') connection.close();
  // If-Range asks for the rest of the file if it is unchanged, and otherwise for all of it.
  const headers: Record<string, string> =
    part.etag !== undefined && part.length > 0
      ? { Range: `bytes=${part.length}-`, 'If-Range': part.etag }
      : {};
  await connection.request('GET', `${url.pathname}${url.search}`, { headers });
  const response = await connection.getResponse();
  // A response without a length is not closed with its connection.
  const abort = (): void => {
    response.close();
  };
  signal.addEventListener('abort', abort);
  try {
    const total = await prepare(part, response);
    // A truncated body ends the loop with an error, never as if it were complete.
    if (part.length !== total) {
      for await (const block of response) {
        await part.append(block);
        onProgress?.(part.length, total);
      }
    }
    // A server may send less of a range than was requested.
    if (total !== undefined && part.length !== total) {
      throw new Passing(`received ${part.length} of ${total} bytes`);
    }
  } finally {
    signal.removeEventListener('abort', abort);
    // Does not wait for the rest of an unusable response.
    response.close();
  }
}

/** Prepares the part for the body of the response. Resolves with the length of the whole file, if it is known. */
async function prepare(part: Part, response: HTTPResponse): Promise<number | undefined> {
  const { status, reason, headers } = response;
  const etag = headers.get('ETag');
  const [, first, size] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers.get('Content-Range') ?? '') ?? [];
  const total = size === undefined || size === '*' ? undefined : Number(size);
  if (status === 200) {
    await part.restart(etag);
    return response.length;
  }
  // Without the length of the whole, the end of a range might be taken for that of the file.
  const continues = part.etag !== undefined && first === String(part.length) && etag === part.etag;
  if (status === 206 && continues && total !== undefined) return total;
  // The download was interrupted after its last byte: nothing is missing.
  if (status === 416 && part.length > 0 && total === part.length) return total;
  if (status === 206 || status === 416) {
    // Some other part, or another version: an intermediary may not support If-Range.
    await part.restart(undefined);
    throw new Passing('the response does not continue the bytes received before');
  }
  const target = headers.get('Location');
  const said = `the response is ${status} ${quote(reason)}${target === undefined ? '' : `, to ${quote(target)}`}`;
  throw PASSING.includes(status) ? new Passing(said) : new Error(said);
}

/**
 * Whether another attempt makes sense. A GET may be repeated however far it got, so every error of an exchange
 * qualifies; these have a `delivery`, which the error of a full disk has not. If nothing has been received yet, an
 * unreachable server is reported at once.
 */
function mayPass(error: unknown, begun: boolean): boolean {
  if (error instanceof Passing) return true;
  const delivery = error instanceof Error && 'delivery' in error ? error.delivery : undefined;
  return delivery !== undefined && (begun || delivery !== 'unsent');
}

/** The received part of a file, with the ETag of the whole. */
class Part {
  readonly #path: string;
  readonly #url: URL;
  readonly #file: FileHandle;
  #done = false;
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

  /** Discards the part. A weak ETag counts as none: two responses that share it may differ in their bytes. */
  async restart(etag: string | undefined): Promise<void> {
    this.length = 0;
    this.etag = etag?.startsWith('"') === true ? etag : undefined;
    await this.#file.truncate(0);
    // Written before the first byte: bytes without a note are not used, and a note without bytes does no harm.
    await writeFile(`${this.#path}.part.json`, JSON.stringify({ url: this.#url.href, etag: this.etag }));
  }

  async append(block: Uint8Array): Promise<void> {
    await this.#file.appendFile(block);
    this.length += block.length;
  }

  async complete(): Promise<void> {
    await this.#file.sync();
    this.#done = true;
    await rename(`${this.#path}.part`, this.#path);
    await rm(`${this.#path}.part.json`, { force: true });
  }

  /** A part without a byte is not kept. */
  async close(): Promise<void> {
    const { size } = await this.#file.stat();
    await this.#file.close();
    if (size > 0 || this.#done) return;
    await rm(`${this.#path}.part`, { force: true });
    await rm(`${this.#path}.part.json`, { force: true });
  }
}

async function readNote(path: string): Promise<{ url?: string; etag?: string }> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as { url?: string; etag?: string };
  } catch {
    // There is none, or half of one: the download starts again.
    return {};
  }
}

/** Prints the progress: in place on a terminal, elsewhere one line for every 10 %. */
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

/** The URL from the command line; throws unless its scheme is supported. */
function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new TypeError(`Cannot use ${quote(text)} as a URL: expected http://HOST/ or https://HOST/`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function main(args: readonly string[]): Promise<number> {
  const [url, path] = args;
  if (url === undefined || path === undefined) {
    console.error('usage: download URL FILE');
    return 2;
  }
  const interruption = new AbortController();
  process.once('SIGINT', () => {
    interruption.abort(new Error('interrupted; the same command resumes the download'));
  });
  const length = await download(urlOf(url), path, {
    onProgress: printProgress,
    onRetry: (error, pause) => {
      console.error(`download: ${messageOf(error)}; trying again in ${pause / 1000} s`);
    },
    signal: interruption.signal,
  });
  console.log(`${path}: ${length} bytes`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`download: ${messageOf(error)}`);
    return 1;
  });
}
