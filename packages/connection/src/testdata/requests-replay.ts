import type { FileLike, RequestBody } from '@http-client/body';
import type { HeaderValue } from '@http-client/headers';
import { encodeLatin1, type Transport } from '@http-client/io';

import { HTTPConnection } from '../connection.js';
import type { HTTPResponse } from '../response.js';
import { afterWrite, END, scriptedTransport, type ScriptedTransport, type ScriptStep } from '../testing.js';
import {
  textOf,
  type Body,
  type Call,
  type CallOptions,
  type RequestOutcome,
  type RequestVector,
} from './requests-load.js';
import { answer, outcome } from './stage.js';

/** Whether the sources of bodies return their blocks at once, or later. */
export type Pace = 'now' | 'later';

/** What this client does with the calls, in the terms of the vectors. */
export interface Replayed {
  outcome: RequestOutcome;
  /** The calls that were rejected, but wrote something nevertheless. */
  wroteRefused: string[];
  state: string;
  /** How many writes it took. */
  writes: number;
}

export async function replay(vector: RequestVector, pace: Pace): Promise<Replayed> {
  const transports: ScriptedTransport[] = [];
  const answers = vector.calls.some(([name]) => name === 'getresponse');
  const connector = (): Promise<Transport> => {
    const transport = scriptedTransport(answers ? peer(vector.closing) : []);
    transports.push(transport);
    return Promise.resolve(transport);
  };
  const result: RequestOutcome = { wire: [], errors: {} };
  const wroteRefused: string[] = [];
  let client: Client;
  try {
    client = new Client(vector, connector, pace);
  } catch (error) {
    return { outcome: { ...result, refused: classOf(error) }, wroteRefused, state: 'Idle', writes: 0 };
  }
  const writes = (): number => transports.reduce((sum, transport) => sum + transport.writes.length, 0);
  for (const [place, call] of vector.calls.entries()) {
    const before = writes();
    const came = await outcome(client.call(call));
    if (came.pending) result.errors[place] = 'pending';
    if (!('error' in came)) continue;
    result.errors[place] = classOf(came.error);
    if (writes() > before) wroteRefused.push(String(place));
  }
  const { state } = client.connection;
  client.connection.close();
  result.wire = transports.map((transport) => transport.writtenText);
  return { outcome: result, wroteRefused, state, writes: writes() };
}

/** Responds to each request once its head has arrived. */
function* peer(closing: boolean): Generator<ScriptStep, void> {
  do {
    yield afterWrite((sent) => / HTTP\/1\.1\r\n[^]*?\r\n\r\n/.test(sent));
    yield closing ? answer('ok', 'Connection: close') : answer('ok');
  } while (!closing);
  yield END;
}

class Client {
  readonly connection: HTTPConnection;
  readonly #pace: Pace;
  #response: HTTPResponse | undefined;

  constructor(vector: RequestVector, connector: () => Promise<Transport>, pace: Pace) {
    const { connection, blockSize } = vector;
    const [host, port] = connection;
    this.#pace = pace;
    this.connection = new HTTPConnection(host, port, {
      connector,
      ...(blockSize === undefined ? {} : { blockSize }),
    });
  }

  /** Makes one call of a program; rejects with what it throws. */
  async call([name, ...rest]: Call): Promise<void> {
    const { connection } = this;
    switch (name) {
      case 'request': {
        const [method, target, { body, headers = [], chunked } = {}] = rest as [string, string, CallOptions?];
        return connection.request(method, target, {
          headers: headers.map(([field, value]) => [field, valueOf(value)] as const),
          ...(body === undefined ? {} : { body: this.#body(body) }),
          ...(chunked === undefined ? {} : { encodeChunked: chunked }),
        });
      }
      case 'putrequest': {
        const [method, target, skips] = rest as [string, string, CallOptions?];
        connection.putRequest(method, target, skips);
        return;
      }
      case 'putheader': {
        const [field, ...values] = rest as [string, ...unknown[]];
        connection.putHeader(field, ...values.map(valueOf));
        return;
      }
      case 'endheaders': {
        const [{ body, chunked } = {}] = rest as [CallOptions?];
        const options = chunked === undefined ? {} : { encodeChunked: chunked };
        return connection.endHeaders(body === undefined ? undefined : this.#body(body), options);
      }
      case 'send':
        return connection.send(this.#body(rest[0]));
      case 'getresponse':
        this.#response = await connection.getResponse();
        return;
      case 'read':
        await this.#response?.read();
        return;
      case 'connect':
        return connection.connect();
      case 'close':
        connection.close();
        return;
      default:
        throw new RangeError(`There is no call ${name}`);
    }
  }

  #body(body: unknown): RequestBody {
    return bodyOf(body, this.#pace);
  }
}

function valueOf(value: unknown): HeaderValue {
  const bytes = typeof value === 'object' && value !== null && 'bytes' in value ? value.bytes : undefined;
  return typeof bytes === 'string' ? encodeLatin1(bytes) : (value as HeaderValue);
}

function bodyOf(body: unknown, pace: Pace): RequestBody {
  if (typeof body !== 'object' || body === null) return body as RequestBody;
  const { text, bytes, bytearray, memoryview, array, iterable, generator, texts, file, textfile } =
    body as Body;
  if (text !== undefined) return textOf(text);
  if (bytes !== undefined) return encodeLatin1(textOf(bytes));
  if (bytearray !== undefined) return Buffer.from(textOf(bytearray), 'latin1');
  if (memoryview !== undefined) {
    const content = encodeLatin1(`<${textOf(memoryview)}>`);
    return new DataView(content.buffer, content.byteOffset + 1, content.length - 2);
  }
  if (array !== undefined) return Uint16Array.from(encodeLatin1(textOf(array)));
  if (iterable !== undefined) return iterable.map((block) => encodeLatin1(textOf(block)));
  if (texts !== undefined) return texts.map(textOf);
  if (generator !== undefined) {
    const blocks = generator.map((block) => encodeLatin1(textOf(block)));
    return pace === 'now' ? now(blocks) : later(blocks);
  }
  return file === undefined ? fileOf(textOf(textfile ?? ''), pace) : fileOf(encodeLatin1(textOf(file)), pace);
}

function* now<T>(blocks: readonly T[]): Generator<T, void> {
  yield* blocks;
}

async function* later<T>(blocks: readonly T[]): AsyncGenerator<T, void> {
  for (const block of blocks) {
    await Promise.resolve();
    yield block;
  }
}

function fileOf(content: string | Uint8Array, pace: Pace): FileLike {
  let at = 0;
  return {
    read(size) {
      const block = content.slice(at, (at += size));
      return pace === 'now' ? block : Promise.resolve(block);
    },
  };
}

/** The class of an error, by its name. */
function classOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
