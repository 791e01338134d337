import { cannotUse, TimeoutError } from '@http-client/errors';
import type { ConnectTarget, Connector, Transport } from '@http-client/io';
import { within } from '@http-client/tunnel';
import { isIP, Socket, type SocketConnectOpts, type TcpNetConnectOpts } from 'node:net';
import type { DuplexOptions } from 'node:stream';

import { placeOf } from './host.js';
import { checkTarget, checkTerms } from './options.js';
import { concealing, LAG, SocketTransport, type Written } from './socket-transport.js';
import { uninitialised } from './uninitialised.js';

/**
 * One buffer that all sockets are read into: what arrives is parsed or copied before the next read, so no socket needs
 * its own, and no read needs an allocation. 64 KiB is the most that Node reads at a time.
 */
const MEMORY = /* @__PURE__ */ new ArrayBuffer(65_536);
const SHARED = /* @__PURE__ */ new Uint8Array(MEMORY);
/** For reads with less room, since the body after a head has not been read yet: that is so after nearly every head. */
const HALF = /* @__PURE__ */ new Uint8Array(MEMORY, 0, 32_768);

/**
 * After this many milliseconds of silence the system begins to probe whether the peer is still there (TCP keep-alive).
 * Otherwise a peer that vanished without a FIN would be waited for without end, and a NAT or load balancer would forget
 * a connection that waits for a slow response: the shortest common limits are four to six minutes. As in undici, axios
 * and Bun.
 */
const KEEP_ALIVE = 60_000;

/**
 * Opens a TCP connection to `target.host` and `target.port`. Nagle's algorithm is off, as in the reference; TCP
 * keep-alive is on.
 *
 * Rejects with the system's error (`ECONNREFUSED`, `ENOTFOUND`), with `TimeoutError` (phase `connect`) after
 * `target.timeout` milliseconds, or with the signal's reason. Nothing is left open then. For an invalid target it
 * rejects with `InvalidURL`, `TypeError` or `RangeError`, without connecting.
 */
export function connectTCP(target: ConnectTarget): Promise<Transport> {
  return open(target, () => {
    checkTarget(target);
    const { host, port, sourceAddress: [localAddress = '', localPort = 0] = [] } = target;
    // With a local address Node tries only the first of several addresses, and one of the other family would be
    // unreachable. Without one, the family is 0: any.
    return { host, port, localAddress, localPort, family: isIP(localAddress) };
  });
}

/** The maximum length of a socket's path in bytes (`sun_path`); unknown for other systems than these. */
const LONGEST_PATH: { readonly [platform: string]: number } = { linux: 108, darwin: 104, freebsd: 104 };

/**
 * Creates a connector to the Unix domain socket at `path`. The target's host and port are not used to connect.
 *
 * @throws RangeError for a path that is too long, TypeError for one that is empty or not a string, or that has a NUL
 * inside: the system would connect to the part before it. A leading NUL is allowed: it begins a name in Linux's
 * abstract namespace, which is not a path.
 */
export function unixConnector(path: string): Connector {
  const given: unknown = path;
  if (typeof given !== 'string') throw cannotUse(given, 'socketPath', 'expected a string');
  // Without a path, Node would connect to a port of this machine.
  if (path === '') throw cannotUse(path, 'socketPath', 'it is empty');
  if (path.indexOf('\0') > 0) throw cannotUse(path, 'socketPath', 'a NUL is not allowed there');
  const bytes = Buffer.byteLength(path);
  const most = LONGEST_PATH[process.platform] ?? Infinity;
  if (bytes > most)
    throw cannotUse(
      path,
      'socketPath',
      `it has ${bytes} bytes, and a socket's path at most ${most}`,
      RangeError,
    );
  return (target) =>
    open(target, () => {
      checkTerms(target);
      return { path };
    });
}

/**
 * A socket that a failed write does not destroy. A server may respond and close without reading what is still being
 * sent (RFC 9112, section 9.6). The write then fails, often before the response has been read, although the system's
 * buffer holds it. Node would discard it with the socket.
 */
class ReadableAfterWrite extends Socket {
  declare transport: SocketTransport | undefined;
  readonly #concealed = concealing((error) => {
    if (error != null) this.transport?.writeFailed(error);
  });

  override _write(chunk: unknown, encoding: BufferEncoding, written: Written): void {
    super._write(chunk, encoding, this.#concealed(written));
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], written: Written): void {
    super._writev?.(chunks, this.#concealed(written));
  }

  /** Node itself passes bytes to `onread`. Tools for tests that replace all sockets (msw 3, nock 15) push them. */
  override push(block: Uint8Array | null): boolean {
    return block ? this.transport!.push(block, block.length, true, LAG) : super.push(block);
  }
}

/**
 * Takes the socket of a transport that `connectTCP` opened, for TLS to run on; the transport can then only be closed.
 * Undefined for all other transports, and if bytes were read ahead: those are used through `read` and `write`.
 *
 * TLS on the socket itself decrypts the bytes where they arrive; through `Transport` each block costs another promise
 * and two more copies.
 *
 * @internal
 */
export function takeSocket(transport: Transport): Socket | undefined {
  if (!(transport instanceof SocketTransport)) return undefined;
  // Deno's TLS sees none of the bytes of a socket that reads into a given buffer: the handshake would never end.
  if ('deno' in process.versions) return undefined;
  return transport.take((socket): socket is ReadableAfterWrite => socket instanceof ReadableAfterWrite);
}

/**
 * The buffer for the next read, no larger than what may be buffered. If blocks are handed on, it is a new one, which
 * saves a copy. A block that is less than half full would be copied anyway, so the size of the `last` read decides.
 */
function readBuffer(transport: SocketTransport | undefined, last: number): Uint8Array {
  const bytes = transport?.room() ?? SHARED.length;
  if (bytes > 0 && bytes < SHARED.length) return bytes < HALF.length ? SHARED.subarray(0, bytes) : HALF;
  if (last * 2 < SHARED.length || !transport?.keepsBlocks) return SHARED;
  return uninitialised(SHARED.length);
}

/**
 * How many milliseconds each address but the last has when all are tried again: enough for any distance, and for one
 * lost packet, which is sent again after a second.
 */
const PATIENCE = 2500;

/**
 * Whether Node gave up an address after a quarter of a second, and the last one, which has no such limit, failed at
 * once. That is how every host with a slow connection and several addresses fails where IPv6 leads nowhere
 * (nodejs/node#54359). The reference waits for each address.
 */
function wasHasty(error: Error): boolean {
  const codes = 'errors' in error ? (error.errors as { code?: string }[]).map(({ code }) => code) : [];
  return codes.includes('ETIMEDOUT') && codes.at(-1) !== 'ETIMEDOUT';
}

/** `optionsFor` validates the target as well. */
async function open(target: ConnectTarget, optionsFor: () => SocketConnectOpts): Promise<Transport> {
  const options = optionsFor();
  let transport: SocketTransport | undefined;
  let last = 0;
  // The constructor takes all of these, as `net.connect` relies on, though the types give it only some of them.
  const settings: Omit<TcpNetConnectOpts, 'host' | 'port'> & DuplexOptions = {
    // A FIN while a body is being sent must not end our side: the response decides.
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE,
    // Node sets these three itself, to these values, on a copy of the settings. If that added them, each copy would have
    // a hidden class of its own in Node 20 and 26, and no look-up in it be cached: most of what a socket takes to create.
    emitClose: false,
    autoDestroy: true,
    decodeStrings: false,
    onread: {
      buffer: () => readBuffer(transport, last),
      callback: (count, buffer) => {
        last = count;
        // The known arrays first: `.buffer` is a call out of compiled code.
        const isNew = buffer !== SHARED && buffer !== HALF && buffer.buffer !== MEMORY;
        // Whoever receives the block can see all of it, the uninitialised rest included.
        if (isNew) buffer.fill(0, count);
        return transport?.push(buffer, count, isNew, count === buffer.length ? LAG : 0) ?? true;
      },
    },
  };
  let socket: ReadableAfterWrite | undefined;
  const connecting = (again = false): Promise<Transport> =>
    new Promise((resolve, reject) => {
      const opening = new ReadableAfterWrite(settings);
      socket = opening;
      opening.once('error', (error) => {
        if (again || !wasHasty(error)) reject(error);
        else resolve(connecting(true));
      });
      opening.once('connect', () => {
        opening.transport = transport = new SocketTransport(opening);
        resolve(transport);
      });
      opening.connect(again ? { ...options, autoSelectFamilyAttemptTimeout: PATIENCE } : options);
    });
  const place = 'path' in options ? options.path : placeOf(target.host, target.port);
  const expired = (limit: number): Error =>
    new TimeoutError(`Cannot connect to ${place}: no connection within ${limit} ms`, {
      phase: 'connect',
      delivery: 'unsent',
    });
  try {
    return await within(connecting, { timeout: target.timeout, expired, signal: target.signal });
  } catch (error) {
    // Later errors of the socket have no other listener, and would be uncaught. Nor may one begin another attempt.
    socket?.removeAllListeners('error').on('error', () => undefined);
    socket?.destroy();
    throw error;
  }
}
