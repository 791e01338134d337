// Opens a WebSocket (RFC 6455): the handshake is HTTP, and `detach` then hands over the transport.
//
//     node examples/dist/websocket.js wss://example.org/echo 'hello'
//
// It shows the whole handshake, and only enough of the framing to exchange messages: for more, pass the transport to a
// WebSocket library.

import { isUtf8 } from 'node:buffer';
import { createHash, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import { ByteReader, HTTPConnection, HTTPSConnection, quote, type Transport } from '@http-client/client';

/** Milliseconds for the opening and for the closing handshake. */
const TIMEOUT = 10_000;
/** The longest message that is accepted, in bytes: what a peer makes us keep must be bounded. */
const MAX_MESSAGE = 1_048_576;
/** Appended to the key (RFC 6455, section 1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const CONTINUATION = 0x0;
const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

/** Opens a WebSocket. Rejects with the server's response if the server does not agree to it. */
export async function openWebSocket(
  url: URL,
  options: { signal?: AbortSignal } = {},
): Promise<WebSocketStream> {
  const { signal } = options;
  const Connection = url.protocol === 'wss:' ? HTTPSConnection : HTTPConnection;
  const connection = new Connection(url.host, undefined, { timeout: TIMEOUT });
  try {
    const key = randomBytes(16).toString('base64');
    await connection.request('GET', `${url.pathname}${url.search}`, {
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Key': key,
        'Sec-WebSocket-Version': '13',
      },
      signal,
    });
    const response = await connection.getResponse({ signal });
    if (response.status !== 101) {
      // The last response on a connection is not closed with it.
      response.close();
      throw new Error(`the server responds ${response.status} ${quote(response.reason)}, not 101`);
    }
    checkHandshake(key, (name) => response.getHeader(name, ''));
    // A server may send first: bytes that arrived together with the response are in `head`.
    const { transport, head } = connection.detach();
    return new WebSocketStream(transport, head);
  } finally {
    // This does not close a detached transport.
    connection.close();
  }
}

/**
 * Throws unless the response accepts a WebSocket, and this request (RFC 6455, section 4.1): a cached response cannot
 * match the key.
 */
function checkHandshake(key: string, field: (name: string) => string): void {
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  if (field('Upgrade').toLowerCase() !== 'websocket') {
    throw new Error(`the server switches to ${quote(field('Upgrade'))}, not to a WebSocket`);
  }
  if (!/(^|,)\s*upgrade\s*(,|$)/i.test(field('Connection'))) {
    throw new Error(`the server's Connection is ${quote(field('Connection'))}, not Upgrade`);
  }
  if (field('Sec-WebSocket-Accept') !== accept) {
    throw new Error(
      `the server's Sec-WebSocket-Accept is ${quote(field('Sec-WebSocket-Accept'))}, not ${accept}`,
    );
  }
  for (const name of ['Sec-WebSocket-Extensions', 'Sec-WebSocket-Protocol']) {
    if (field(name) !== '')
      throw new Error(`the server chooses ${quote(field(name))} as ${name}, which was not offered`);
  }
}

/** Text messages over a transport. Only one `receive` at a time. */
export class WebSocketStream {
  readonly #transport: Transport;
  readonly #reader: ByteReader;

  constructor(transport: Transport, head: Uint8Array) {
    this.#transport = transport;
    this.#reader = new ByteReader(bytesOf(head, transport));
  }

  async send(text: string): Promise<void> {
    await this.#transport.write(frame(TEXT, Buffer.from(text)));
  }

  /** The next text message; undefined once the server has closed. */
  async receive(): Promise<string | undefined> {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const { opcode, final, payload } = await this.#frame(MAX_MESSAGE - length);
      if (opcode === CLOSE) {
        // The server's code is echoed, and the server then closes the connection (sections 5.5.1 and 7.1.1).
        await this.#transport.write(frame(CLOSE, payload.subarray(0, 2)));
        this.#transport.close();
        return undefined;
      }
      if (opcode === PING) await this.#transport.write(frame(PONG, payload));
      if (opcode === PING || opcode === PONG) continue;
      if (opcode !== (pieces.length === 0 ? TEXT : CONTINUATION)) {
        throw this.#failed(`unexpected frame of type ${opcode}`);
      }
      pieces.push(payload);
      length += payload.length;
      if (!final) continue;
      const message = Buffer.concat(pieces);
      if (!isUtf8(message)) throw this.#failed('a message is not UTF-8');
      return message.toString();
    }
  }

  /** Sends a close frame, waits for the server's, and closes the transport. */
  async close(): Promise<void> {
    const timer = setTimeout(() => {
      this.#transport.close();
    }, TIMEOUT);
    try {
      await this.#transport.write(frame(CLOSE, Uint8Array.of(1000 >> 8, 1000 & 0xff)));
      while ((await this.#frame(MAX_MESSAGE)).opcode !== CLOSE);
    } finally {
      clearTimeout(timer);
      this.#transport.close();
    }
  }

  /** The next frame (RFC 6455, section 5.2). */
  async #frame(limit: number): Promise<{ opcode: number; final: boolean; payload: Uint8Array }> {
    const [first, second] = (await this.#exactly(2)) as [number, number] & Uint8Array;
    const opcode = first & 0x0f;
    // The reserved bits need an extension, and none was negotiated. A server must not mask its frames.
    if ((first & 0x70) !== 0 || (second & 0x80) !== 0)
      throw this.#failed('a frame has a reserved bit or the mask bit set');
    let length = second;
    if (length === 126) length = Buffer.from(await this.#exactly(2)).readUInt16BE();
    else if (length === 127) length = Number(Buffer.from(await this.#exactly(8)).readBigUInt64BE());
    if (length > limit) throw this.#failed(`a message has more than ${MAX_MESSAGE} bytes`);
    return { opcode, final: first >= 0x80, payload: await this.#exactly(length) };
  }

  async #exactly(count: number): Promise<Uint8Array> {
    const bytes = await this.#reader.read(count);
    if (bytes.length < count) throw this.#failed('the stream ends without a close frame');
    return bytes;
  }

  #failed(why: string): Error {
    this.#transport.close();
    return new Error(`Cannot read from the WebSocket: ${why}`);
  }
}

async function* bytesOf(head: Uint8Array, transport: Transport): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (let block = await transport.read(); block !== null; block = await transport.read()) yield block;
}

/** A client's frame: masked with a new key each time, so that nobody can choose the bytes on the wire. */
function frame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const size = length < 126 ? 0 : length < 0x1_0000 ? 2 : 8;
  const head = Buffer.alloc(2 + size);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (size === 0 ? length : size === 2 ? 126 : 127);
  if (size === 2) head.writeUInt16BE(length, 2);
  if (size === 8) head.writeBigUInt64BE(BigInt(length), 2);
  const mask = randomBytes(4);
  return Buffer.concat([head, mask, payload.map((byte, index) => byte ^ mask[index % 4]!)]);
}

/** The URL from the command line; throws unless its scheme is supported. */
function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'ws:' || url?.protocol === 'wss:') return url;
  throw new TypeError(`Cannot use ${quote(text)} as a URL: expected ws://HOST/ or wss://HOST/`);
}

async function main([url, ...messages]: readonly string[]): Promise<number> {
  if (url === undefined || messages.length === 0) {
    console.error('usage: websocket URL MESSAGE...');
    return 2;
  }
  const socket = await openWebSocket(urlOf(url));
  for (const message of messages) {
    await socket.send(message);
    const received = await socket.receive();
    if (received === undefined) throw new Error('the server closed the WebSocket');
    console.log(quote(received, 1000));
  }
  await socket.close();
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`websocket: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  });
}
