import { Readable } from 'node:stream';

import type { HTTPConnection, RequestBody } from '../index.js';

/** An operation that a signal can end. */
export interface Operation {
  readonly name: string;
  /** What has to be done before it. */
  readonly prepare?: (connection: HTTPConnection) => Promise<void>;
  readonly run: (connection: HTTPConnection, signal: AbortSignal) => Promise<unknown>;
  /** Whether a request has been sent when it succeeds, so that its response has yet to be fetched. */
  readonly asks: boolean;
  /** Whether its body waits for a 100. */
  readonly expects?: true;
}

function* blocks(): Generator<string, void, void> {
  yield 'some';
  yield 'more';
}

async function* slowBlocks(): AsyncGenerator<string, void, void> {
  for (const block of blocks()) {
    await Promise.resolve();
    yield block;
  }
}

function fileLike(): { read: () => Promise<string | null> } {
  const rest = [...blocks()];
  return { read: () => Promise.resolve(rest.shift() ?? null) };
}

/** A body of each kind, created anew by each call. */
const BODIES: Readonly<Record<string, () => RequestBody | undefined>> = {
  'no body': () => undefined,
  text: () => 'somemore',
  bytes: () => Buffer.from('somemore'),
  'an ArrayBuffer': () => new Uint8Array(8).buffer,
  'a Blob': () => new Blob(['some', 'more']),
  URLSearchParams: () => new URLSearchParams({ some: 'more' }),
  'an iterable': blocks,
  'an async iterable': slowBlocks,
  'a ReadableStream': () => new Blob(['some', 'more']).stream(),
  'a Node stream': () => Readable.from(blocks()),
  'a file object': fileLike,
};

function begun(connection: HTTPConnection): void {
  connection.putRequest('POST', '/');
  connection.putHeader('Content-Length', 8);
}

export const OPERATIONS: readonly Operation[] = [
  { name: 'connect', run: (connection, signal) => connection.connect({ signal }), asks: false },
  ...Object.entries(BODIES).map(([kind, body]): Operation => ({
    name: `request with ${kind}`,
    run: (connection, signal) => connection.request('POST', '/', { ...withBody(body()), signal }),
    asks: true,
  })),
  {
    name: 'request with trailers',
    run: (connection, signal) =>
      connection.request('POST', '/', { body: blocks(), trailers: () => ({ Digest: 'x' }), signal }),
    asks: true,
  },
  {
    name: 'request with Expect: 100-continue',
    run: (connection, signal) =>
      connection.request('POST', '/', { body: 'somemore', headers: { Expect: '100-continue' }, signal }),
    asks: true,
    expects: true,
  },
  {
    name: 'endHeaders with a body',
    run: (connection, signal) => {
      begun(connection);
      return connection.endHeaders(slowBlocks(), { signal });
    },
    asks: true,
  },
  {
    name: 'endHeaders and send',
    run: async (connection, signal) => {
      begun(connection);
      const ending = connection.endHeaders(undefined, { signal });
      await Promise.all([ending, connection.send(slowBlocks(), { signal })]);
    },
    asks: true,
  },
  {
    name: 'send',
    prepare: (connection) => {
      begun(connection);
      return connection.endHeaders();
    },
    run: (connection, signal) => connection.send(slowBlocks(), { signal }),
    asks: true,
  },
  {
    name: 'getResponse',
    prepare: (connection) => connection.request('GET', '/'),
    run: async (connection, signal) => {
      const response = await connection.getResponse({ signal });
      return response.text();
    },
    asks: false,
  },
  {
    name: 'request, and getResponse at once',
    run: async (connection, signal) => {
      const requesting = connection.request('POST', '/', { body: slowBlocks(), signal });
      const [, response] = await Promise.all([requesting, connection.getResponse({ signal })]);
      return response.text();
    },
    asks: false,
  },
];

function withBody(body: RequestBody | undefined): { body?: RequestBody } {
  return body === undefined ? {} : { body };
}
