// Uploads a file with its length, asks the server before sending the body, and shows the progress.
//
//     node examples/dist/upload.js large.iso http://example.org/files/large.iso [PUT]
//
// The file is sent only once. Whether to repeat it after an error is for the caller to decide: PUT may be repeated
// however far it got, POST only if the error's `delivery` is 'unsent' (RFC 9110, section 9.2.2).

import { open, type FileHandle } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import {
  HTTPConnection,
  HTTPSConnection,
  quote,
  type FileLike,
  type HTTPResponse,
} from '@http-client/client';

/** Milliseconds to wait for the server to accept or send bytes. */
const TIMEOUT = 30_000;
/** Bytes read from the file and written to the server at a time. */
const BLOCK = 65_536;

export interface UploadOptions {
  /** PUT by default. */
  method?: string;
  contentType?: string;
  /** Called for each block, with the bytes read from the file so far and its size. */
  onProgress?: (done: number, total: number) => void;
  /** Aborts the upload, with the signal's reason. */
  signal?: AbortSignal;
}

export interface Uploaded {
  readonly status: number;
  readonly reason: string;
  /** The first 64 KiB of the response's body, as text. */
  readonly said: string;
}

/** Uploads the file. Resolves with the server's response, whatever its status. */
export async function upload(path: string, url: URL, options: UploadOptions = {}): Promise<Uploaded> {
  const { signal } = options;
  const file = await open(path);
  const Connection = url.protocol === 'https:' ? HTTPSConnection : HTTPConnection;
  const connection = new Connection(url.host, undefined, { timeout: TIMEOUT, blockSize: BLOCK });
  let response: HTTPResponse | undefined;
  // Closing ends any wait. The last response on a connection is not closed with it.
  const end = (): void => {
    connection.close();
    response?.close();
  };
  signal?.addEventListener('abort', end);
  try {
    signal?.throwIfAborted();
    const stats = await file.stat();
    if (!stats.isFile()) throw new TypeError(`Cannot upload ${quote(path)}: it is not a regular file`);
    const ask = (expect: boolean): Promise<Exchange> =>
      exchange(connection, url, file, { ...options, size: stats.size, expect });
    // No need to ask for an empty body.
    let sent: Promise<void>;
    ({ response, sent } = await ask(stats.size > 0));
    // 417: an intermediary or the server does not support Expect, so it is repeated without (RFC 9110, section
    // 15.5.18).
    if (response.status === 417) {
      response.close();
      ({ response, sent } = await ask(false));
    }
    const said = new TextDecoder().decode(await response.read(BLOCK));
    // After a refusal the rest need not be sent (RFC 9112, section 9.5). After an early success it must be.
    if (response.status < 400) {
      // The server may read no further while its response is not read.
      response.body.pipeTo(new WritableStream()).catch(() => undefined);
      await sent;
    }
    return { status: response.status, reason: response.reason, said };
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', end);
    end();
    await file.close();
  }
}

/** A response, and the promise for its request, which may still be being sent. */
interface Exchange {
  readonly response: HTTPResponse;
  readonly sent: Promise<void>;
}

async function exchange(
  connection: HTTPConnection,
  url: URL,
  file: FileHandle,
  options: UploadOptions & { size: number; expect: boolean },
): Promise<Exchange> {
  const { method = 'PUT', contentType = 'application/octet-stream', size, expect, onProgress } = options;
  const sent = connection.request(method, `${url.pathname}${url.search}`, {
    // If the file grows or shrinks during the upload, the request fails with a RangeError, as its length would be
    // wrong.
    headers: {
      'Content-Type': contentType,
      'Content-Length': size,
      ...(expect && { Expect: '100-continue' }),
    },
    body: reading(file, (done) => onProgress?.(done, size)),
  });
  // A response counts for more than a write that failed after it.
  sent.catch(() => undefined);
  try {
    // Called at once: a server may refuse an upload before it has all of it.
    return { response: await connection.getResponse(), sent };
  } catch (error) {
    // If both failed, the error of the request is the cause.
    await sent;
    throw error;
  }
}

/** The file from its start, as a body that reports how much of it was read. It is read only on demand. */
function reading(file: FileHandle, onRead: (done: number) => void): FileLike {
  let done = 0;
  return {
    async read(size) {
      const { buffer, bytesRead } = await file.read(new Uint8Array(size), 0, size, done);
      done += bytesRead;
      if (bytesRead > 0) onRead(done);
      return buffer.subarray(0, bytesRead);
    },
  };
}

/** Prints the progress: in place on a terminal, elsewhere one line for every 10 %. */
function printProgress(done: number, total: number): void {
  const percent = Math.floor((done / total) * 100);
  if (process.stderr.isTTY) process.stderr.write(`\r${percent} % of ${total} bytes `);
  else if (percent >= printed + 10 || percent === 100)
    process.stderr.write(`${percent} % of ${total} bytes\n`);
  else return;
  printed = percent;
}
let printed = 0;

/** The URL from the command line; throws unless its scheme is supported. */
function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new TypeError(`Cannot use ${quote(text)} as a URL: expected http://HOST/ or https://HOST/`);
}

async function main([path, url, method = 'PUT']: readonly string[]): Promise<number> {
  if (path === undefined || url === undefined) {
    console.error('usage: upload FILE URL [METHOD]');
    return 2;
  }
  const { status, reason, said } = await upload(path, urlOf(url), { method, onProgress: printProgress });
  console.log(`${status} ${quote(reason)} ${quote(said, 1000)}`);
  return status >= 200 && status < 300 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`upload: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  });
}
