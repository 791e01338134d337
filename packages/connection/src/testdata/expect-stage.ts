import { ChunkedDecoder, type RequestBody } from '@http-client/body';
import { decodeLatin1, encodeLatin1 } from '@http-client/io';
import { expect, onTestFinished } from 'vitest';

import { HTTPConnection, type HTTPConnectionOptions } from '../index.js';
import { listen, type Peer, type TCPServer } from './tcp-peer.js';

export const HEAD_END = '\r\n\r\n';
export const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
export const HINT = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
export const REFUSAL = 'HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno';
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
/** A head with nothing after it. */
export const HEAD_ALONE = /^PUT (?:[^\r\n]*\r\n)*\r\n$/;

/** So long that a test which waits for it fails. */
const NEVER = 3_600_000;

/** A source of blocks that records what was done to it. */
export class Source {
  asked = 0;
  closed = 0;
  readonly #blocks = ['on', 'e', 'two'];

  next(): IteratorResult<string, undefined> {
    this.asked++;
    const value = this.#blocks.shift();
    return value === undefined ? { done: true, value } : { done: false, value };
  }

  return(): IteratorResult<string, undefined> {
    this.closed++;
    return { done: true, value: undefined };
  }

  get iterable(): Iterable<string> {
    return { [Symbol.iterator]: () => this };
  }

  get asyncIterable(): AsyncIterable<string> {
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve(this.next()),
        return: () => Promise.resolve(this.return()),
      }),
    };
  }

  get stream(): ReadableStream<string> {
    return new ReadableStream<string>(
      {
        pull: (controller) => {
          const { value } = this.next();
          if (value === undefined) controller.close();
          else controller.enqueue(value);
        },
        cancel: () => {
          this.return();
        },
      },
      { highWaterMark: 0 },
    );
  }
}

/**
 * The ways to pass a body. `closes` says whether the source is closed when the upload is abandoned: a file object
 * belongs to its owner.
 */
const BODIES: [name: string, make: (source: Source) => RequestBody, closes: boolean][] = [
  ['text', () => 'onetwo', false],
  ['bytes', () => encodeLatin1('onetwo'), false],
  ['an iterable', (source) => source.iterable, true],
  ['an async iterable', (source) => source.asyncIterable, true],
  ['a web stream', (source) => source.stream, true],
  ['a file object', (source) => ({ read: () => source.next().value ?? null }), false],
];

export const EXPECTS = { Expect: '100-continue' };
const CODING = { ...EXPECTS, 'Transfer-Encoding': 'chunked' };
export const LENGTH = { ...EXPECTS, 'Content-Length': 6 };

/** Begins a PUT, step by step. */
export function begin(connection: HTTPConnection, headers: Record<string, string | number>): void {
  connection.putRequest('PUT', '/');
  for (const [name, value] of Object.entries(headers)) connection.putHeader(name, value);
}

type Send = (connection: HTTPConnection, body: RequestBody, rest: { signal?: AbortSignal }) => Promise<void>;

/** The ways to send a request with a body. */
const WAYS: [name: string, send: Send][] = [
  [
    'request',
    (connection, body, rest) => connection.request('PUT', '/', { body, headers: EXPECTS, ...rest }),
  ],
  [
    'request, own length',
    (connection, body, rest) => connection.request('PUT', '/', { body, headers: LENGTH, ...rest }),
  ],
  [
    'request, own coding',
    (connection, body, rest) =>
      connection.request('PUT', '/', { body, headers: CODING, encodeChunked: true, ...rest }),
  ],
  [
    'request with trailers',
    (connection, body, rest) =>
      connection.request('PUT', '/', { body, headers: EXPECTS, trailers: () => ({ Sum: '6' }), ...rest }),
  ],
  [
    'endHeaders',
    (connection, body, rest) => {
      begin(connection, CODING);
      return connection.endHeaders(body, { encodeChunked: true, ...rest });
    },
  ],
  [
    'endHeaders and send',
    async (connection, body, rest) => {
      begin(connection, LENGTH);
      await connection.endHeaders();
      await connection.send(body, rest);
    },
  ],
];

/** Every way to send every body. */
export const ROWS = WAYS.flatMap(([way, send]) =>
  BODIES.map(([body, make, closes]) => ({ way, send, body, make, closes })),
);

/** The body that a server received, decoded. It must be complete. */
export function content(peer: Peer): string {
  const text = peer.receivedText;
  const start = text.indexOf(HEAD_END) + HEAD_END.length;
  if (!/^transfer-encoding/im.test(text.slice(0, start))) return text.slice(start);
  const decoder = new ChunkedDecoder();
  const data = decodeLatin1(decoder.decode(peer.received.subarray(start)));
  expect(decoder.done).toBe(true);
  return data;
}

/** Lets everything happen that does not depend on the network. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
}

/** A moment that one side reaches, and the other waits for. */
export function moment(): { come: Promise<void>; now: () => void } {
  let now: () => void = () => undefined;
  const come = new Promise<void>((resolve) => {
    now = resolve;
  });
  return { come, now };
}

/** A connection to a server that behaves as given. */
export async function start(
  serve: (peer: Peer, server: TCPServer) => Promise<void>,
  options: HTTPConnectionOptions = {},
): Promise<{ server: TCPServer; connection: HTTPConnection }> {
  const server: TCPServer = await listen((peer) => serve(peer, server));
  const connection = new HTTPConnection('127.0.0.1', server.port, { continueTimeout: NEVER, ...options });
  onTestFinished(async () => {
    connection.close();
    await server.close();
  });
  return { server, connection };
}
