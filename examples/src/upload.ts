// Uploads a file: its length is said beforehand, the server is asked before the body goes out, and what is sent is shown.
//
//     node examples/dist/upload.js large.iso http://example.org/files/large.iso [PUT]
//
// It is sent once. Whether to send it again after an error is for the caller to say: PUT may be repeated however far it
// got, POST only where the error's `delivery` is 'unsent' (RFC 9110, section 9.2.2).

import { open, type FileHandle } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import {
  HTTPConnection,
  HTTPSConnection,
  quote,
  type FileLike,
  type HTTPResponse,
} from '@http-client/client';

/** Milliseconds that the server may take nothing, or say nothing. */
const TIMEOUT = 30_000;
/** Bytes that are read from the file, and written to the server, at a time. */
const BLOCK = 65_536;

export interface UploadOptions {
  /** PUT, where nothing is said. */
  method?: string;
  contentType?: string;
  /** Called with each block: the bytes that have been read from the file, and those of the whole. */
  onProgress?: (done: number, total: number) => void;
  /** Ends the upload, with its own reason. */
  signal?: AbortSignal;
}

export interface Uploaded {
  readonly status: number;
  readonly reason: string;
  /** What the server says about it, as text: up to 64 KiB of it. */
  readonly said: string;
}

/** Uploads the file; gives the server's answer, whatever that is. */
export async function upload(path: string, url: URL, options: UploadOptions = {}): Promise<Uploaded> {
  const file = await open(path);
  const Connection = url.protocol === 'https:' ? HTTPSConnection : HTTPConnection;
  const connection = new Connection(url.host, undefined, { timeout: TIMEOUT, blockSize: BLOCK });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new TypeError(`Cannot upload ${quote(path)}: it is not a regular file`);
    const ask = (expect: boolean): Promise<Exchange> =>
      exchange(connection, url, file, { ...options, size: stats.size, expect });
    // An empty body is not worth asking for.
    let { response, sent } = await ask(stats.size > 0);
    // 417: somebody on the way knows nothing of Expect. It is to be repeated without (RFC 9110, section 15.5.18).
    if (response.status === 417) ({ response, sent } = await ask(false));
    const said = new TextDecoder().decode(await response.read(BLOCK));
    // Who has said no need not get the rest (RFC 9112, section 9.5). Who has said yes early is to have it all.
    if (response.status < 400) await sent;
    return { status: response.status, reason: response.reason, said };
  } finally {
    connection.close();
    await file.close();
  }
}

/** An answer, and what becomes of its request, which may still go out. */
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
  const {
    method = 'PUT',
    contentType = 'application/octet-stream',
    size,
    expect,
    onProgress,
    signal,
  } = options;
  const sent = connection.request(method, `${url.pathname}${url.search}`, {
    // The promise is kept: a file that grows or shrinks on the way is a RangeError, and no upload of a wrong length.
    headers: {
      'Content-Type': contentType,
      'Content-Length': size,
      ...(expect && { Expect: '100-continue' }),
    },
    body: reading(file, (done) => onProgress?.(done, size)),
    ...(signal && { signal }),
  });
  // An answer that came counts for more than the write that failed behind it.
  sent.catch(() => undefined);
  try {
    // Asked for at once: a server may refuse an upload before it has it all.
    return { response: await connection.getResponse({ ...(signal && { signal }) }), sent };
  } catch (error) {
    // Where both failed, the first of them is the reason.
    await sent;
    throw error;
  }
}

/** The file from its beginning, as a body that tells how far it has been read. Nothing is read before it is asked for. */
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

/** Prints how far it is: on a terminal in place, elsewhere a line for each tenth. */
function printProgress(done: number, total: number): void {
  const percent = Math.floor((done / total) * 100);
  if (process.stderr.isTTY) process.stderr.write(`\r${percent} % of ${total} bytes `);
  else if (percent >= printed + 10 || percent === 100)
    process.stderr.write(`${percent} % of ${total} bytes\n`);
  else return;
  printed = percent;
}
let printed = 0;

/** The URL that was given on the command line, if it is one that is spoken here. */
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
