import type { Socket } from 'node:net';

import { HTTPException } from '@http-client/errors';
import type { Connector, Transport } from '@http-client/io';
import { describe, expect, onTestFinished, test } from 'vitest';

import { Channel } from './channel.js';
import { connectTCP, type HTTPConnection } from './index.js';
import { takeSocket } from './tcp.js';
import { scriptedTransport } from './testing.js';
import { wireOf } from './wire.js';
import { afterHead, afterText, listening } from './testdata/sockets.js';
import { answer, bytes, outcome, quiet, rejection, settled, text } from './testdata/stage.js';

/** A transport to a peer that behaves as given. */
async function connected(serve: (socket: Socket) => void): Promise<Transport> {
  const { port } = await listening(serve);
  const transport = await connectTCP({ host: '127.0.0.1', port });
  onTestFinished(() => {
    transport.close();
  });
  return transport;
}

async function drained(transport: Transport): Promise<string> {
  let whole = '';
  for (let block = await transport.read(); block !== null; block = await transport.read())
    whole += text(block);
  return whole;
}

const echo = (socket: Socket): void => {
  socket.pipe(socket);
};

describe('a transport on TCP', () => {
  test('reads what the peer sends, up to its end, and no further', async () => {
    const transport = await connected((socket) => socket.end('all that there is'));
    expect(await drained(transport)).toBe('all that there is');
    expect(await transport.read()).toBeNull();
  });

  test('returns arrays that belong to the caller', async () => {
    const transport = await connected(echo);
    await transport.write(bytes('one'));
    const first = await transport.read();
    await transport.write(bytes('two'));
    const second = await transport.read();
    expect([text(first!), text(second!)]).toEqual(['one', 'two']);
    expect(first!.buffer.byteLength).toBeLessThanOrEqual(6);
  });

  test('buffers what arrives before it is read, and stops reading from the peer at 64 KiB', async () => {
    const size = 16 * 2 ** 20;
    let taken = false;
    const transport = await connected((socket) => {
      // The first byte by itself, so that a whole buffer no longer fits.
      socket.write(new Uint8Array(1));
      void quiet().then(() => {
        socket.end(new Uint8Array(size - 1), () => (taken = true));
      });
    });
    while (takeAhead(transport) < 65_536) await new Promise(setImmediate);
    for (let turn = 0; turn < 20; turn++) await quiet();
    expect(taken).toBe(false);
    expect(takeAhead(transport)).toBe(65_536);
    expect((await transport.read())!.length).toBeLessThanOrEqual(65_536);
    let length = 0;
    for (let block = await transport.read(); block !== null; block = await transport.read()) {
      expect(block.length).toBeGreaterThan(0);
      length += block.length;
    }
    expect(length).toBeGreaterThan(size - 65_537);
    expect(length).toBeLessThan(size);
  });

  test('protects each buffered block from the bytes of the next one', async () => {
    // The last two arrive when there is room for only a part of the buffer that all sockets read into.
    const parts = ['a'.repeat(40_000), 'b'.repeat(10_000), 'c'.repeat(10_000)];
    let told!: (sent: Promise<void>) => void;
    const sent = new Promise<void>((resolve) => (told = resolve));
    const transport = await connected((socket) => {
      const send = async (): Promise<void> => {
        for (const part of parts) {
          await new Promise<unknown>((resolve) => socket.write(part, resolve));
          await quiet();
        }
        socket.end();
      };
      told(send());
    });
    await sent;
    expect(await drained(transport)).toBe(parts.join(''));
  });

  test('writes, including several parts at once, and empty ones', async () => {
    const transport = await connected((socket) => {
      afterText(
        socket,
        (sent) => sent.endsWith('!'),
        (sent) => socket.end(sent),
      );
    });
    await transport.write(bytes('one'));
    await transport.write(new Uint8Array(0));
    await transport.writev!([]);
    await transport.writev!([bytes('two'), new Uint8Array(0), bytes('three')]);
    await transport.write(bytes('!'));
    expect(await drained(transport)).toBe('onetwothree!');
  });

  test('rejects a write of anything but a Uint8Array, and sends none of it', async () => {
    const transport = await connected(echo);
    for (const data of ['text', new ArrayBuffer(1), undefined])
      expect(await rejection(transport.write(data as never))).toBeInstanceOf(TypeError);
    await transport.write(bytes('x'));
    expect(text((await transport.read())!)).toBe('x');
  });

  test('writes after the peer has ended its side, too', async () => {
    let told!: (sent: string) => void;
    const received = new Promise<string>((resolve) => (told = resolve));
    const transport = await connected((socket) => {
      socket.end();
      afterText(socket, (sent) => sent.endsWith('!'), told);
    });
    expect(await transport.read()).toBeNull();
    await transport.write(bytes('still'));
    await transport.write(bytes('!'));
    expect(await received).toBe('still!');
  });

  test('a write that the peer does not take is pending, and close() settles it', async () => {
    const transport = await connected((socket) => socket.pause());
    const write = outcome(transport.write(new Uint8Array(64 * 2 ** 20)));
    expect(await write).toEqual({ pending: true });
    const writing = transport.write(bytes('more'));
    // It is queued behind the others.
    const empty = transport.write(new Uint8Array(0));
    expect(await outcome(Promise.race([writing, empty]))).toEqual({ pending: true });
    const rejected = [rejection(writing), rejection(empty)];
    transport.close();
    for (const error of await Promise.all(rejected)) expect(error).toBeInstanceOf(HTTPException);
  });

  test('of a write that the peer takes piece by piece, the rest is reported, and an empty one is taken after it', async () => {
    const MiB = 2 ** 20;
    const peers: Socket[] = [];
    const transport = await connected((socket) => {
      peers.push(socket.pause());
      socket.write('x');
    });
    await transport.read();
    const wire = wireOf(transport);
    const writing = transport.write(new Uint8Array(64 * MiB));
    const empty = transport.write(new Uint8Array(0));
    const before = wire.unsent;
    expect(before).toBeGreaterThan(48 * MiB);
    let received = 0;
    await new Promise<void>((resolve) => {
      const [peer] = peers;
      // More than the system's buffers hold.
      peer!.on('data', (data) => {
        received += data.length;
        if (received > 32 * MiB) resolve();
      });
      peer!.resume();
    });
    expect(wire.unsent).toBeLessThan(before - 8 * MiB);
    await Promise.all([writing, empty]);
    expect(wire.unsent).toBe(0);
  });

  test('the array of a write may be reused once it has settled', async () => {
    const size = 8 * 2 ** 20;
    const transport = await connected(echo);
    const data = new Uint8Array(size).fill(0x61);
    const reading = (async () => {
      let wrong = 0;
      let length = 0;
      while (length < size) {
        const block = await transport.read();
        length += block!.length;
        wrong += block!.filter((byte) => byte !== 0x61).length;
      }
      return wrong;
    })();
    await transport.write(data);
    data.fill(0);
    expect(await reading).toBe(0);
  });

  test('one read at a time', async () => {
    const transport = await connected(echo);
    const first = transport.read();
    expect(await rejection(transport.read())).toBeInstanceOf(HTTPException);
    await transport.write(bytes('x'));
    expect(text((await first)!)).toBe('x');
  });

  test('close() settles pending operations, and ends later ones', async () => {
    const transport = await connected(() => undefined);
    const reading = transport.read();
    transport.close();
    transport.close();
    expect(await reading).toBeNull();
    expect(await transport.read()).toBeNull();
    expect(await rejection(transport.write(bytes('x')))).toBeInstanceOf(HTTPException);
    expect(transport.fileno).toBe(-1);
  });

  test('a reset rejects the pending read, and all later ones', async () => {
    const transport = await connected((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const reading = rejection(transport.read());
    await transport.write(bytes('x'));
    expect(await reading).toMatchObject({ code: 'ECONNRESET' });
    expect(await rejection(transport.read())).toMatchObject({ code: 'ECONNRESET' });
    expect(await rejection(transport.write(bytes('x')))).toHaveProperty('code');
  });

  test('a write that the system rejects at once is rejected', async () => {
    const peers: Socket[] = [];
    const transport = await connected((socket) => {
      peers.push(socket);
      socket.write('x');
    });
    await transport.read();
    // The reset has arrived, but has not been reported yet: that takes a turn of the event loop.
    peers[0]!.resetAndDestroy();
    const error = await rejection(transport.writev!([bytes('x'), bytes('y')]));
    expect(['EPIPE', 'ECONNRESET']).toContain(error['code']);
    expect(await rejection(transport.write(bytes('x')))).toBe(error);
  });

  test('what arrived before a reset is read first', async () => {
    const transport = await connected((socket) => {
      socket.write('last words', () => socket.once('data', () => socket.resetAndDestroy()));
    });
    await quiet();
    await transport.write(bytes('x'));
    expect(text((await transport.read())!)).toBe('last words');
    expect(await rejection(transport.read())).toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('a connector that starts a read before it returns its transport', () => {
  test('the bytes read are nobody’s response: the request is not sent', async () => {
    const peer = await listening((socket) => {
      socket.write('one');
      socket.once('data', () => socket.write('two'));
    });
    const transports: Transport[] = [];
    const connector: Connector = async (target) => {
      const transport = await connectTCP(target);
      transports.push(transport);
      while (takeAhead(transport) < 3) await new Promise(setImmediate);
      await transport.write(bytes('x'));
      while (takeAhead(transport) < 6) await new Promise(setImmediate);
      return transport;
    };
    const connection = peer.connection({ connector });
    expect(await rejection(connection.request('GET', '/'))).toMatchObject({ delivery: 'unsent' });
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
    expect(transports[0]!.fileno).toBe(-1);
  });

  test('bytes after all that was read ahead, which the system still holds, are nobody’s response either', async () => {
    const peer = await listening((socket, index) => {
      if (index === 0) socket.write('x'.repeat(65_536) + answer('forged'));
      else afterHead(socket, () => socket.write(answer('asked for')));
    });
    const connector: Connector = async (target) => {
      const transport = await connectTCP(target);
      if (peer.sockets.length > 1) return transport;
      while (takeAhead(transport) < 65_536) await new Promise(setImmediate);
      while (takeAhead(transport) > 0) await transport.read();
      return transport;
    };
    const connection = peer.connection({ connector });
    await connection.connect();
    await connection.request('GET', '/');
    expect(await (await connection.getResponse()).text()).toBe('asked for');
  });

  test.each<[string, (socket: Socket) => unknown]>([
    ['the end', (socket) => socket.end()],
    ['a reset', (socket) => socket.resetAndDestroy()],
  ])('it read %s: the connection is not used, and the next request opens another', async (_name, end) => {
    const peer = await listening((socket) => {
      socket.once('data', (data) => {
        if (String(data) === 'x') end(socket);
        else socket.end(answer('ok', 'Connection: close'));
      });
    });
    const readingFirst = (): HTTPConnection => {
      let isFirst = true;
      const connector: Connector = async (target) => {
        const transport = await connectTCP(target);
        if (isFirst) {
          isFirst = false;
          // Before the peer has this, a reset might also be the error of connecting.
          await transport.write(bytes('x'));
          await settled(transport.read());
        }
        return transport;
      };
      return peer.connection({ connector });
    };
    const requesting = readingFirst();
    expect(await rejection(requesting.request('GET', '/'))).toMatchObject({ delivery: 'unsent' });
    const connecting = readingFirst();
    await connecting.connect();
    for (const connection of [requesting, connecting]) {
      expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
      await connection.request('GET', '/');
      expect(await (await connection.getResponse()).text()).toBe('ok');
    }
  });
});

/** How much has been read ahead, computed from how much less the transport would still read. */
function takeAhead(transport: Transport): number {
  return 65_536 - (transport as unknown as { room(): number }).room();
}

describe('a transport that is closed while its connection uses it', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\n\r\nhello';

  test('while it is idle: the next request opens another', async () => {
    const peer = await listening((socket) => {
      afterHead(socket, () => socket.write('HTTP/1.1 204 No Content\r\n\r\n'));
    });
    const connection = peer.connection();
    await connection.connect();
    connection.transport!.close();
    expect(connection.transport).toBeUndefined();
    await connection.request('GET', '/');
    expect((await connection.getResponse()).status).toBe(204);
  });

  test('while a response is awaited', async () => {
    const peer = await listening(() => undefined);
    const connection = peer.connection();
    await connection.request('GET', '/');
    const answered = rejection(connection.getResponse());
    connection.transport!.close();
    const error = await answered;
    expect(error).toMatchObject({ name: 'HTTPException', delivery: 'sent' });
    expect(error.message).toContain('Cannot use the transport: it has been closed (127.0.0.1:');
    expect(connection.state).toBe('Idle');
  });

  test('while a body that extends to the end of the stream is read: it is incomplete', async () => {
    const peer = await listening((socket) => {
      afterHead(socket, () => socket.write(HEAD));
    });
    const connection = peer.connection();
    await connection.request('GET', '/');
    const { transport } = connection;
    const response = await connection.getResponse();
    const read = rejection(response.read());
    transport!.close();
    expect(await read).toMatchObject({ name: 'IncompleteRead', partial: bytes('hello') });
  });
});

describe('the socket of a transport', () => {
  test('can be taken once, after which the transport can only be closed', async () => {
    const transport = await connected(echo);
    const socket = takeSocket(transport);
    expect(socket?.writable).toBe(true);
    expect(takeSocket(transport)).toBeUndefined();
    expect(await rejection(transport.read())).toBeInstanceOf(HTTPException);
    expect(await rejection(transport.write(bytes('x')))).toBeInstanceOf(HTTPException);
    transport.close();
    expect(socket?.destroyed).toBe(true);
  });

  test('cannot be taken while bytes are buffered or being written, while somebody reads, and once it is closed', async () => {
    const ahead = await connected((socket) => socket.write('bytes'));
    while (takeAhead(ahead) < 1) await new Promise(setImmediate);
    const waiting = await connected(echo);
    const reading = waiting.read();
    const writing = await connected((socket) => socket.pause());
    const written = writing.write(new Uint8Array(64 * 2 ** 20));
    const used = await connected(echo);
    // As a connection that uses it does.
    new Channel(used, 'example.org:80').room();
    const closed = await connected(echo);
    closed.close();
    for (const transport of [ahead, waiting, writing, used, closed, scriptedTransport([])]) {
      expect(takeSocket(transport)).toBeUndefined();
    }
    await waiting.write(bytes('x'));
    expect(text((await reading)!)).toBe('x');
    writing.close();
    await rejection(written);
  });
});
