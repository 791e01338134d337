// Passes requests on to a server, and its responses back: a reverse proxy, which streams both ways.
//
//     node examples/dist/gateway.js http://127.0.0.1:3000/ --port 8080
//
// Neither body is held in memory: each side is read no faster than the other takes it. Whatever one side does is done to
// the other as well: a client that leaves ends the request, and a response that breaks off does not appear complete.
// It does not switch protocols: for a WebSocket, `detach` hands over the transport, as in the recipe for one.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import {
  HTTPConnection,
  HTTPSConnection,
  InvalidURL,
  quote,
  TimeoutError,
  type HTTPResponse,
  type RequestOptions,
} from '@http-client/client';

/** Fields about the connection that they arrived on (RFC 9110, section 7.6.1), or about how the body was framed. */
const OF_THE_CONNECTION =
  /^(connection|content-length|expect|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;
/** Fields in which a client would claim to be another. */
const CLAIMS = /^(forwarded|x-forwarded-.*|x-real-ip)$/i;
/** The idempotent methods (RFC 9110, section 9.2.2). */
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'];

export interface GatewayOptions {
  /** Milliseconds that each wait for the origin may take, 30,000 by default. */
  timeout?: number;
  /** Called after each request, with the status that was sent, or with what went wrong. */
  report?: (request: IncomingMessage, outcome: number | Error) => void;
}

/** A connection to the origin, and the response that it is used for at the moment. */
interface Upstream {
  readonly connection: HTTPConnection;
  response: ServerResponse | undefined;
}

/**
 * Creates a server that passes each request on to `origin`, `http://HOST:PORT/` or `https:`. It does not listen yet.
 *
 * Throws TypeError for an origin with more than that, such as a path, which would be ignored, and RangeError for a timeout
 * that is none.
 */
export function gateway(origin: URL, { timeout = 30_000, report }: GatewayOptions = {}): Server {
  if (!/^https?:$/.test(origin.protocol) || origin.href !== `${origin.origin}/`)
    throw new TypeError('Cannot use that URL as an origin: expected http://HOST:PORT/ or https://HOST:PORT/');
  // Opens nothing. What is wrong with a host or timeout would otherwise be noticed with the first request.
  open(origin, timeout);
  // Each client's connection has one of its own behind it: no user can be sent what was meant for another.
  const kept = new WeakMap<Socket, Upstream>();

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { socket } = request;
    const leaving = new AbortController();
    response.on('close', () => {
      leaving.abort(new Error('the client left'));
    });
    // None is there if it sends several requests at once, before it has the first response.
    const upstream = kept.get(socket) ?? open(origin, timeout);
    kept.delete(socket);
    upstream.response = response;
    let outcome: number | Error;
    try {
      await pass(upstream.connection, request, response, leaving.signal);
      outcome = response.statusCode;
    } catch (error) {
      fail(response, error);
      outcome = error as Error;
    } finally {
      upstream.response = undefined;
      // A response that was not read to its end, or a request that was not completed, would disturb the next one.
      const { state, reusable } = upstream.connection;
      if (state !== 'Idle' || !reusable || socket.destroyed || kept.has(socket)) upstream.connection.close();
      else kept.set(socket, upstream);
    }
    report?.(request, outcome);
  };

  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    void handle(request, response);
  return (
    createServer(listener)
      // Otherwise Node would ask for the body before the origin does.
      .on('checkContinue', listener)
      .on('connection', (socket) => {
        socket.on('close', () => kept.get(socket)?.connection.close());
      })
  );
}

function open(origin: URL, timeout: number): Upstream {
  const Connection = origin.protocol === 'https:' ? HTTPSConnection : HTTPConnection;
  const connection = new Connection(origin.host, undefined, {
    timeout,
    onInformational: ({ status, headers }) => {
      const { response } = upstream;
      // Of 100 the client learns when its body is requested. One that speaks HTTP/1.0 knows no interim responses.
      if (status !== 103 || response === undefined || response.req.httpVersionMinor === 0) return;
      try {
        const link = headers.getAll('Link').flatMap((value) => value.split(/,\s*(?=<)/));
        if (link.length > 0) response.writeEarlyHints({ link });
      } catch {
        // Node writes no unusual link. It was a hint.
      }
    },
  });
  const upstream: Upstream = { connection, response: undefined };
  return upstream;
}

/** Passes one request on, and its response back. */
async function pass(
  connection: HTTPConnection,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const received = await repeating(connection, request, response, signal);
  const close = (): void => {
    received.close();
  };
  // Reading takes no signal.
  signal.addEventListener('abort', close);
  try {
    signal.throwIfAborted();
    response.sendDate = false; // the origin has said when
    const fields = [...fieldsOf(received.headers), ...lengthOf(received.headers)];
    response.writeHead(received.status, received.reason, fields.flat());
    const blocks = async function* (): AsyncGenerator<Uint8Array> {
      yield* received;
      response.addTrailers(fieldsOf(received.trailers ?? []));
    };
    await pipeline(blocks, response);
  } finally {
    signal.removeEventListener('abort', close);
    received.close();
  }
}

/** Sends the request, once more if that is safe: the origin may have closed the connection while it was idle. */
async function repeating(
  connection: HTTPConnection,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<HTTPResponse> {
  const { method = '', url = '', headers, socket } = request;
  const fields = pairs(request.rawHeaders);
  // An absolute form names another host than Host does, perhaps (RFC 9112, section 3.2.2).
  if (!/^(\/|\*$)/.test(url)) throw new TypeError(`Cannot pass on ${quote(url)}: expected a path`);
  // Of two hosts, the origin might choose another than whoever stands before it (RFC 9112, section 3.2).
  if (fields.filter(([name]) => /^host$/i.test(name)).length > 1)
    throw new TypeError('Cannot pass on a request with more than one Host');
  const hasBody = 'transfer-encoding' in headers || Number(headers['content-length'] ?? 0) > 0;
  const expects = headers.expect !== undefined;
  const options: RequestOptions = {
    headers: [
      ...fieldsOf(fields).filter(([name]) => !CLAIMS.test(name)),
      ...lengthOf(fields),
      ...(expects ? [['Expect', '100-continue'] as const] : []),
      ['X-Forwarded-For', socket.remoteAddress ?? 'unknown'],
      ['Via', '1.1 gateway'],
    ],
    signal,
  };
  if (hasBody) options.body = bodyOf(request, expects ? response : undefined);
  if ('transfer-encoding' in headers) options.trailers = () => fieldsOf(pairs(request.rawTrailers));
  try {
    return await exchange(connection, method, url, options);
  } catch (error) {
    const delivery = error instanceof Error && 'delivery' in error ? error.delivery : undefined;
    // From an unsent request nothing has been read, either: its body can be sent again.
    const isSafe = delivery === 'unsent' || (delivery === 'sent' && !hasBody && IDEMPOTENT.includes(method));
    if (!isSafe || error instanceof TimeoutError) throw error;
    return await exchange(connection, method, url, options);
  }
}

/** Sends a request, and returns the response: one that refuses the body may arrive before that has been sent. */
async function exchange(
  connection: HTTPConnection,
  method: string,
  target: string,
  options: RequestOptions,
): Promise<HTTPResponse> {
  const sending = connection.request(method, target, options);
  sending.catch(() => undefined); // its error counts only if there is no response
  try {
    return await connection.getResponse({ signal: options.signal });
  } catch (error) {
    await sending;
    throw error;
  }
}

/** The body of a request. It is asked for, in the response, when it is first read, if the client waits for that. */
async function* bodyOf(
  request: IncomingMessage,
  response: ServerResponse | undefined,
): AsyncGenerator<Uint8Array> {
  response?.writeContinue();
  try {
    // The request itself would be destroyed, and the connection to the client with it, when the origin wants no more.
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  } finally {
    // The rest is dropped: a client that is still sending reads the response only then.
    request.resume();
  }
}

/** Reports a failure to the client, as far as that is possible. */
function fail(response: ServerResponse, error: unknown): void {
  // Without the last chunk, or fewer bytes than announced: to the client, too, the response breaks off.
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // An argument was wrong, and these came from the client.
  const isClients = [TypeError, RangeError, InvalidURL].some((kind) => error instanceof kind);
  const status = isClients ? 400 : error instanceof TimeoutError ? 504 : 502;
  response.writeHead(status, { 'Content-Type': 'text/plain' });
  response.end(
    `${status === 400 ? 'the request cannot be passed on' : 'the server behind does not respond'}\n`,
  );
}

/** The fields to pass on. */
function fieldsOf(fields: Iterable<readonly [string, string]>): [string, string][] {
  const all = [...fields];
  // What Connection lists is about the connection as well.
  const listed = all
    .filter(([name]) => /^connection$/i.test(name))
    .flatMap(([, value]) => value.toLowerCase().split(/[\t ,]+/));
  return all
    .filter(([name]) => !OF_THE_CONNECTION.test(name) && !listed.includes(name.toLowerCase()))
    .map(([name, value]) => [name, value]);
}

/**
 * Content-Length as a single number, if it frames the body. Beside a transfer coding it must not be passed on: the body
 * may have another length, and the rest of it would be taken for the next message (RFC 9112, section 6.3).
 */
function lengthOf(fields: Iterable<readonly [string, string]>): [string, string][] {
  const all = [...fields];
  const isCoded = all.some(([name]) => /^transfer-encoding$/i.test(name));
  const given = all
    .filter(([name]) => /^content-length$/i.test(name))
    .flatMap(([, value]) => value.split(','));
  const [length = '', ...others] = new Set(given.map((element) => element.trim()));
  return isCoded || others.length > 0 || !/^\d+$/.test(length) ? [] : [['Content-Length', length]];
}

/** Node's flat list of names and values. */
function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, raw[at + 1]!]] : []));
}

/** The URL from the command line; throws unless its scheme is supported. */
function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new TypeError(`Cannot use ${quote(text)} as a URL: expected http://HOST/ or https://HOST/`);
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { port: { type: 'string', default: '8080' } },
    allowPositionals: true,
  });
  const port = Number(values.port);
  if (positionals[0] === undefined || !/^\d+$/.test(values.port) || port > 65_535) {
    console.error('usage: gateway URL [--port NUMBER]');
    return 2;
  }
  const origin = urlOf(positionals[0]);
  const server = gateway(origin, {
    report: ({ method = '', url = '' }, outcome) => {
      const what = outcome instanceof Error ? outcome.message : outcome;
      console.error(`gateway: ${method} ${quote(url)}: ${what}`);
    },
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/ is ${origin.href}`);
  await once(server, 'close');
  return 0;
}

/** Whether `parseArgs` refused an option: it is unknown, or its value is missing. */
function isMistyped(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`gateway: ${error instanceof Error ? error.message : String(error)}`);
    return isMistyped(error) ? 2 : 1;
  });
}
