// Opens a WebSocket (RFC 6455): the handshake is HTTP's, and `detach` hands over the transport for what comes after it.
//
//     node examples/dist/websocket.js wss://example.org/echo 'hello'
//
// It shows what belongs to the handshake, and as much of the frames as it takes to talk: for more, hand the transport to
// a library for WebSockets.

import { createHash, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import { ByteReader, HTTPConnection, HTTPSConnection, quote, type Transport } from '@http-client/client';

/** Milliseconds for the handshake, and for the closing one. */
const TIMEOUT = 10_000;
/** The longest message that is taken, in bytes. What a peer may make us keep has a bound. */
const MAX_MESSAGE = 1_048_576;
/** What is put behind the key (RFC 6455, section 1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const CONTINUATION = 0x0;
const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

/** Opens a WebSocket. Rejects where the server does not agree to it, with what it said instead. */
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
      ...(signal && { signal }),
    });
    const response = await connection.getResponse({ ...(signal && { signal }) });
    if (response.status !== 101) {
      throw new Error(`the server answers ${response.status} ${quote(response.reason)}, and no 101`);
    }
    checkHandshake(key, (name) => response.getHeader(name, ''));
    // Whatever of the first frames came with the answer is in `head`: a server may speak first.
    const { transport, head } = connection.detach();
    return new WebSocketStream(transport, head);
  } finally {
    // A transport that was handed over is no longer the connection's to close.
    connection.close();
  }
}

/** Whether the answer is a WebSocket's, and to this request (RFC 6455, section 4.1). A cache could not know the key. */
function checkHandshake(key: string, field: (name: string) => string): void {
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  if (field('Upgrade').toLowerCase() !== 'websocket') {
    throw new Error(`the server switches to ${quote(field('Upgrade'))}, and not to a WebSocket`);
  }
  if (!/(^|,)\s*upgrade\s*(,|$)/i.test(field('Connection'))) {
    throw new Error(`the server's Connection is ${quote(field('Connection'))}, and no Upgrade`);
  }
  if (field('Sec-WebSocket-Accept') !== accept) {
    throw new Error(
      `the server's Sec-WebSocket-Accept is ${quote(field('Sec-WebSocket-Accept'))}, not ${accept}`,
    );
  }
  for (const name of ['Sec-WebSocket-Extensions', 'Sec-WebSocket-Protocol']) {
    if (field(name) !== '') throw new Error(`the server chooses ${quote(field(name))} as ${name}, unasked`);
  }
}

/** Text messages over a transport. One `receive` at a time. */
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
        // The server's own code goes back to it, and the server closes then (sections 5.5.1 and 7.1.1).
        await this.#transport.write(frame(CLOSE, payload.subarray(0, 2)));
        this.#transport.close();
        return undefined;
      }
      if (opcode === PING) await this.#transport.write(frame(PONG, payload));
      if (opcode === PING || opcode === PONG) continue;
      if (opcode !== (pieces.length === 0 ? TEXT : CONTINUATION)) {
        throw this.#failed(`a frame of type ${opcode} has no place here`);
      }
      pieces.push(payload);
      length += payload.length;
      if (final) return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces));
    }
  }

  /** Says goodbye, waits for the server's, and closes. */
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
    // No extension was agreed on that could give the other bits a meaning; and a server masks nothing.
    if ((first & 0x70) !== 0 || (second & 0x80) !== 0)
      throw this.#failed('a frame has bits set that mean nothing');
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

/** One frame of a client's: masked with a new key each time, so that nobody can choose what is on the wire. */
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

/** The URL that was given on the command line, if it is one that is spoken here. */
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
