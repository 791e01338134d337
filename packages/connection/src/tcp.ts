import { cannotUse, TimeoutError } from '@http-client/errors';
import type { ConnectTarget, Connector, Transport } from '@http-client/io';
import { onAbort, WaitTimer } from '@http-client/tunnel';
import { isIP, Socket, type SocketConnectOpts, type TcpNetConnectOpts } from 'node:net';

import { SocketTransport } from './socket-transport.js';
import { unwritten } from './unwritten.js';

/**
 * One buffer that all sockets are read into: what arrives is parsed or copied before the next read, so none needs its
 * own, and none costs an allocation per read. 64 KiB is what Node reads at most at a time.
 */
const MEMORY = new ArrayBuffer(65_536);
const SHARED = new Uint8Array(MEMORY);
/** Where less may come, since the body behind a head has not been read yet: that is so after nearly every head. */
const HALF = SHARED.subarray(0, SHARED.length / 2);

/**
 * Opens a TCP connection to `target.host` and `target.port`; Nagle's algorithm is off, as in the reference.
 *
 * Rejects with the system's error (`ECONNREFUSED`, `ENOTFOUND`), with `TimeoutError` (phase `connect`) after
 * `target.timeout` milliseconds, or with the signal's reason. Nothing is left open then.
 */
export function connectTCP(target: ConnectTarget): Promise<Transport> {
  const { host, port, sourceAddress: [localAddress = '', localPort = 0] = [] } = target;
  const options: TcpNetConnectOpts = { host, port };
  if (localAddress !== '') {
    options.localAddress = localAddress;
    // Of several addresses Node tries but the first one then: one of the other family cannot be connected to from here.
    options.family = isIP(localAddress);
  }
  if (localPort !== 0) options.localPort = localPort;
  return open(target, options);
}

/** What the system takes of a socket's path, in bytes (`sun_path`); of others than these it is not known. */
const LONGEST_PATH: { readonly [platform: string]: number } = { linux: 108, darwin: 104, freebsd: 104 };

/**
 * A connector to the Unix domain socket at `path`; the target's host and port only name what is asked for.
 *
 * @throws RangeError for a path that is too long, TypeError for one with a NUL inside: the system would connect to what
 * its beginning names. In front, a NUL begins a name of Linux's that is not a path.
 */
export function unixConnector(path: string): Connector {
  if (path.indexOf('\0') > 0) throw new TypeError(cannotUse(path, 'socketPath', 'a NUL is not allowed there'));
  const bytes = Buffer.byteLength(path);
  const most = LONGEST_PATH[process.platform] ?? Infinity;
  if (bytes > most)
    throw new RangeError(
      cannotUse(path, 'socketPath', `it has ${bytes} bytes, and a socket's path at most ${most}`),
    );
  return (target) => open(target, { path });
}

type Written = (error?: Error | null) => void;

/**
 * A socket that a failed write does not destroy. A server may answer and close without reading what is still being
 * sent (RFC 9112, section 9.6): the write fails then, often before the answer has been read, which is in the system's
 * buffer all the same. Node would throw it away with the socket.
 */
class ReadableAfterWrite extends Socket {
  onWriteError: (error: Error) => void = () => undefined;
  #written: Written | undefined;
  #teller: Written = () => undefined;

  override _write(chunk: unknown, encoding: BufferEncoding, written: Written): void {
    super._write(chunk, encoding, this.#told(written));
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], written: Written): void {
    super._writev?.(chunks, this.#told(written));
  }

  /** Node gives the same function with each write: one stands for it. */
  #told(written: Written): Written {
    if (written !== this.#written) {
      this.#written = written;
      this.#teller = (error) => {
        if (error != null) this.onWriteError(error);
        written();
      };
    }
    return this.#teller;
  }
}

/**
 * The socket of a transport that `connectTCP` opened, for TLS to run on; the transport is of no more use then but to
 * close it. Undefined for all other transports, and where bytes were read ahead: those are used through `read` and
 * `write`.
 *
 * TLS on the socket itself is decrypted where the system's bytes arrive; through `Transport` each block takes a promise
 * and two copies more.
 *
 * @internal
 */
export function takeSocket(transport: Transport): Socket | undefined {
  if (!(transport instanceof SocketTransport)) return undefined;
  // Deno's TLS sees none of the bytes of a socket that reads into a given buffer: the handshake would wait for ever.
  if (process.versions['deno'] !== undefined) return undefined;
  return transport.take((socket): socket is ReadableAfterWrite => socket instanceof ReadableAfterWrite);
}

/** What a connect that fails names. */
function place(options: SocketConnectOpts): string {
  return 'path' in options ? options.path : `${String(options.host)}:${options.port}`;
}

/**
 * Where the next read goes: no more than may be kept, if nobody asks for it. Where blocks are handed on, it is a new
 * one, which saves its copy. One that is read less than half full would be copied all the same, so the `last` read
 * tells.
 */
function room(transport: SocketTransport | undefined, last: number): Uint8Array {
  const bytes = transport?.room() ?? SHARED.length;
  if (bytes > 0 && bytes < SHARED.length) return bytes < HALF.length ? SHARED.subarray(0, bytes) : HALF;
  if (last * 2 < SHARED.length || transport?.keepsBlocks !== true) return SHARED;
  return unwritten(SHARED.length);
}

function open(target: ConnectTarget, options: SocketConnectOpts): Promise<Transport> {
  const { timeout, signal } = target;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    let transport: SocketTransport | undefined;
    let last = 0;
    // As `net.connect` does: one object for the constructor and for `connect`, though the types part them.
    const settings: Omit<TcpNetConnectOpts, 'host' | 'port'> = {
      // A FIN while a body goes out must not end our side: the answer decides.
      allowHalfOpen: true,
      noDelay: true,
      onread: {
        buffer: () => room(transport, last),
        callback: (count, buffer) => {
          last = count;
          // First what is known: to ask an array for its memory is a call out of compiled code.
          const isNew = buffer !== SHARED && buffer !== HALF && buffer.buffer !== MEMORY;
          // Whoever is handed the block can look at all of it.
          if (isNew) buffer.fill(0, count);
          return transport?.push(buffer, count, isNew) ?? true;
        },
      },
    };
    const socket = new ReadableAfterWrite(settings);
    const fail = (error: unknown): void => {
      settle();
      // What the socket still has to say has no listener any more.
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const timer = new WaitTimer((limit) => {
      fail(
        new TimeoutError(`Cannot connect to ${place(options)}: no connection within ${limit} ms`, {
          phase: 'connect',
          delivery: 'unsent',
        }),
      );
    });
    const settle = (): void => {
      timer.dispose();
      ignore();
      socket.off('error', fail);
      socket.off('connect', connected);
    };
    const connected = (): void => {
      settle();
      const opened = new SocketTransport(socket);
      socket.onWriteError = (error) => {
        opened.writeFailed(error);
      };
      transport = opened;
      resolve(opened);
    };
    const ignore = onAbort(signal, fail);
    socket.on('error', fail);
    socket.on('connect', connected);
    if (timeout !== undefined) timer.start(timeout);
    try {
      socket.connect(options);
    } catch (error) {
      // A local address that is none, for one, is found out at once.
      fail(error);
    }
  });
}
