import {
  ByteReader,
  encodeLatin1,
  HTTPConnection,
  type HTTPConnectionOptions,
  type HTTPResponse,
  parseHeaders,
} from '@http-client/client';

import {
  spacesOf,
  chunksOf,
  connectionOf,
  EMPTY,
  extensionOf,
  fieldLines,
  fieldName,
  fieldsOf,
  foldsOf,
  interimOf,
  lineOf,
  linesOf,
  sizedOf,
  trailerLineOf,
  trailersOf,
} from './growth-answers.js';
import type { Work } from './measure.js';
import { MemoryTransport } from './memory-transport.js';

/** Work that is measured at several sizes. */
export interface Scenario {
  readonly name: string;
  readonly sizes: readonly number[];
  /** Returns the work at a size. The preparation is not measured. */
  readonly prepare: (size: number) => Work;
}

/** Numbers of fields, lines, responses or requests. */
const COUNTS = [10, 30, 100, 300, 1000, 3000, 10_000];
/** Bytes of a body, or numbers of one-byte chunks. */
const BYTES = [1000, 4000, 16_000, 64_000, 256_000];
/** Bytes of a line, within the limit on its length. */
const LINE = [1000, 4000, 16_000, 64_000];
/** Numbers of calls, made without waiting for the ones before. */
const CALLS = [300, 1000, 3000, 10_000, 30_000];

/** Removes the connection's own limits: what they would bound is what is measured. */
const UNLIMITED: HTTPConnectionOptions = { maxResponseHeaders: 1e6, maxInterimResponses: 1e6 };
const LENIENT: HTTPConnectionOptions = { strict: false };
const SHOWN: HTTPConnectionOptions = { onWire: () => undefined };

export const SCENARIOS: readonly Scenario[] = [
  ...delivered({ name: 'fields of a head', sizes: COUNTS, make: fieldsOf, read: lookUp }),
  ...delivered({
    name: 'fields of a head, leniently',
    sizes: COUNTS,
    make: fieldsOf,
    read: lookUp,
    options: LENIENT,
  }),
  ...delivered({
    name: 'fields of a head, shown to onWire',
    sizes: COUNTS,
    make: fieldsOf,
    read: lookUp,
    options: SHOWN,
  }),
  ...delivered({ name: 'lines folded into one field', sizes: COUNTS, make: foldsOf, read: lookUp }),
  ...delivered({
    name: 'lines folded into one field, leniently',
    sizes: COUNTS,
    make: foldsOf,
    read: lookUp,
    options: LENIENT,
  }),
  ...delivered({ name: 'bytes of a Connection field', sizes: LINE, make: connectionOf, read: whole }),
  ...delivered({
    name: 'spaces in a status line, leniently',
    sizes: LINE,
    make: spacesOf,
    read: whole,
    options: LENIENT,
  }),
  ...delivered({ name: 'interim responses', sizes: COUNTS, make: interimOf, read: whole }),

  ...delivered({ name: 'bytes of a body, by read()', sizes: BYTES, make: sizedOf, read: whole }),
  ...delivered({ name: 'bytes of a body, by read(100)', sizes: BYTES, make: sizedOf, read: byAmount }),
  ...delivered({ name: 'bytes of a body, by readLine()', sizes: BYTES, make: sizedOf, read: byLine }),
  ...delivered({ name: 'bytes of a body, by iteration', sizes: BYTES, make: sizedOf, read: byBlock }),
  ...delivered({ name: 'bytes of one line, by readLine()', sizes: BYTES, make: lineOf, read: byLine }),

  ...delivered({ name: 'chunks of one byte, by read()', sizes: BYTES, make: chunksOf, read: whole }),
  ...delivered({ name: 'chunks of one byte, by read(100)', sizes: BYTES, make: chunksOf, read: byAmount }),
  ...delivered({ name: 'chunks of one byte, by readLine()', sizes: BYTES, make: chunksOf, read: byLine }),
  ...delivered({ name: 'chunks of one byte, by iteration', sizes: BYTES, make: chunksOf, read: byBlock }),
  ...delivered({ name: 'bytes of a chunk extension', sizes: LINE, make: extensionOf, read: whole }),
  ...delivered({ name: 'fields of the trailers', sizes: COUNTS, make: trailersOf, read: whole }),
  ...delivered({
    name: 'bytes of one trailer line, shown to onWire',
    sizes: LINE,
    make: trailerLineOf,
    read: whole,
    options: SHOWN,
  }),

  { name: 'fields by parseHeaders(), in 1-byte blocks', sizes: COUNTS, prepare: parsed },
  { name: 'bytes by ByteReader.readLine(), in 1-byte blocks', sizes: BYTES, prepare: readLines },

  { name: 'fields of a request', sizes: COUNTS, prepare: requestFields },
  { name: 'blocks of one byte of an upload', sizes: BYTES, prepare: uploadBlocks },
  { name: 'requests on one connection', sizes: COUNTS, prepare: requests },
  { name: 'concurrent calls of read(1)', sizes: CALLS, prepare: concurrentReads },
  { name: 'concurrent calls of send()', sizes: CALLS, prepare: concurrentSends },
];

// What is received

/** A response to one request, made in any size, and how it is read to its end. */
interface Receiving {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly make: (size: number) => string;
  readonly read: (response: HTTPResponse) => Promise<unknown>;
  readonly options?: HTTPConnectionOptions;
}

/** Two scenarios: the response arrives in one block, or byte by byte. */
function delivered(receiving: Receiving): Scenario[] {
  return [
    { name: receiving.name, sizes: receiving.sizes, prepare: (size) => receive(receiving, size) },
    {
      name: `${receiving.name}, in 1-byte segments`,
      sizes: receiving.sizes,
      prepare: (size) => receive(receiving, size, 1),
    },
  ];
}

function receive({ name, make, read, options }: Receiving, size: number, segment?: number): Work {
  const bytes = encodeLatin1(make(size));
  return async () => {
    const { connection, transport } = peer(options);
    await connection.request('GET', '/');
    transport.play(bytes, segment);
    const response = await connection.getResponse();
    await read(response);
    if (!response.closed) throw new Error(`Cannot measure ${name}: the response was not read to its end`);
    connection.close();
  };
}

/** Looks at every field and every violation. */
function lookUp(response: HTTPResponse): Promise<number> {
  return Promise.resolve(
    response.getHeaders().length + response.headers.getAll('folded').length + response.violations.length,
  );
}

function whole(response: HTTPResponse): Promise<Uint8Array> {
  return response.read();
}

async function byAmount(response: HTTPResponse): Promise<void> {
  while (!response.closed) await response.read(100);
}

async function byLine(response: HTTPResponse): Promise<void> {
  while ((await response.readLine()).length > 0);
}

async function byBlock(response: HTTPResponse): Promise<void> {
  let length = 0;
  for await (const block of response) length += block.length;
  if (length === 0) throw new Error('Cannot measure iteration: the body is empty');
}

function parsed(size: number): Work {
  const block = encodeLatin1(`${fieldLines(size)}\r\n`);
  return async () => {
    const { size: parsed } = await parseHeaders(new ByteReader(bytewise(block)), { maxHeaders: size });
    if (parsed !== size) throw new Error(`Cannot measure parseHeaders: it gave ${parsed} fields of ${size}`);
  };
}

function readLines(size: number): Work {
  const lines = encodeLatin1(linesOf(size));
  return async () => {
    const reader = new ByteReader(bytewise(lines));
    while ((await reader.readLine()).length > 0);
  };
}

function* bytewise(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) yield bytes.slice(at, at + 1);
}

// What is sent, and what is called

function requestFields(size: number): Work {
  const answer = encodeLatin1(EMPTY);
  const headers = Array.from({ length: size }, (_, count) => [fieldName(count), 'a value'] as const);
  return async () => {
    const { connection, transport } = peer();
    await connection.request('GET', '/', { headers });
    transport.play(answer);
    await connection.getResponse();
    connection.close();
  };
}

function uploadBlocks(size: number): Work {
  const answer = encodeLatin1(EMPTY);
  const body = new Array<string>(size).fill('x');
  return async () => {
    const { connection, transport } = peer();
    await connection.request('POST', '/', { body });
    transport.play(answer);
    await connection.getResponse();
    connection.close();
  };
}

function requests(size: number): Work {
  const answer = encodeLatin1(sizedOf(5));
  return async () => {
    const { connection, transport } = peer();
    for (let count = 0; count < size; count++) {
      await connection.request('GET', '/');
      transport.play(answer);
      await (await connection.getResponse()).read();
    }
    connection.close();
  };
}

function concurrentReads(size: number): Work {
  const head = encodeLatin1(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
  const body = encodeLatin1('x'.repeat(size));
  return async () => {
    const { connection, transport } = peer();
    await connection.request('GET', '/');
    transport.play(head);
    const response = await connection.getResponse();
    const reads = Array.from({ length: size }, () => response.read(1));
    transport.play(body, 1);
    await Promise.all(reads);
    connection.close();
  };
}

function concurrentSends(size: number): Work {
  const answer = encodeLatin1(EMPTY);
  return async () => {
    const { connection, transport } = peer();
    connection.putRequest('POST', '/');
    connection.putHeader('Content-Length', size);
    await connection.endHeaders();
    await Promise.all(Array.from({ length: size }, () => connection.send('x')));
    transport.play(answer);
    await connection.getResponse();
    connection.close();
  };
}

function peer(options: HTTPConnectionOptions = {}): {
  connection: HTTPConnection;
  transport: MemoryTransport;
} {
  const transport = new MemoryTransport();
  const connector = (): Promise<MemoryTransport> => Promise.resolve(transport);
  return {
    connection: new HTTPConnection('example.org', 80, { ...UNLIMITED, ...options, connector }),
    transport,
  };
}
