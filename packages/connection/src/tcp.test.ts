import { spawn } from 'node:child_process';
import dns from 'node:dns';
import { getEventListeners } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createConnection, createServer, Socket, type AddressInfo, type Server } from 'node:net';

import { InvalidURL } from '@http-client/errors';
import type { Connector, ConnectTarget, Transport } from '@http-client/io';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';

import { freePort } from '../../../tests/support/programs.js';
import { connectTCP, HTTPConnection, unixConnector } from './index.js';
import { listening } from './testdata/sockets.js';

const SOCKETS = '/proc/net/tcp';
/** As long as a busy machine may take. */
const PATIENTLY = { timeout: 60_000 };

describe('connectTCP', () => {
  let server: Server;
  let target: ConnectTarget;
  beforeAll(async () => {
    server = createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    target = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  });
  afterAll(() => server.close());

  test('opens a transport, with a descriptor', async () => {
    const transport = await connectTCP(target);
    expect(transport.fileno).toBeGreaterThan(2);
    transport.close();
    expect(transport.fileno).toBe(-1);
  });

  // msw 3 and nock 15 connect another socket, and push what that one receives into the stream of the caller's.
  test('bytes are received also from a tool that replaces the socket below', async () => {
    const answering = createServer((socket) =>
      socket.once('data', () => {
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n' + 'spam'.repeat(100_000));
      }),
    );
    await new Promise<void>((resolve) => answering.listen(0, '127.0.0.1', resolve));
    const replaced = vi.spyOn(Socket.prototype, 'connect').mockImplementationOnce(function (this: Socket) {
      const real = createConnection((answering.address() as AddressInfo).port, '127.0.0.1');
      this._write = (chunk: Uint8Array, _encoding, written) => void real.write(chunk, written);
      real.on('data', (block) => this.push(block));
      real.once('connect', () => this.emit('connect'));
      return this;
    });
    onTestFinished(() => {
      replaced.mockRestore();
      answering.close();
    });
    const connection = new HTTPConnection('example.org', 80);
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(await response.text()).toBe('spam'.repeat(100_000));
    connection.close();
  });

  // The system's own list of sockets, where a pending keep-alive is timer 2, with the time left in 10 ms.
  test.runIf(existsSync(SOCKETS))('the peer is probed after a minute of silence', async () => {
    const peer = await listening(() => undefined);
    const transport = await connectTCP({ ...target, port: peer.port });
    while (peer.sockets.length === 0) await new Promise(setImmediate);
    const [ours, theirs] = [peer.sockets[0]!.remotePort!, peer.port].map((port) =>
      port.toString(16).toUpperCase().padStart(4, '0'),
    );
    const line = new RegExp(`^ *\\d+: [0-9A-F]+:${ours} [0-9A-F]+:${theirs} .*$`, 'm');
    const fields = line.exec(readFileSync(SOCKETS, 'latin1'))?.[0];
    const [timer, left] = fields!.trim().split(/ +/)[5]!.split(':');
    expect(timer).toBe('02');
    expect(Number.parseInt(left!, 16)).toBeGreaterThan(5000);
    expect(Number.parseInt(left!, 16)).toBeLessThanOrEqual(6000);
    transport.close();
  });

  test('connects from a local address and port', async () => {
    const peer = await listening(() => undefined);
    const port = await freePort();
    const transport = await connectTCP({
      ...target,
      port: peer.port,
      sourceAddress: ['127.0.0.1', port],
    });
    while (peer.sockets.length === 0) await new Promise(setImmediate);
    expect(peer.sockets[0]).toMatchObject({ remoteAddress: '127.0.0.1', remotePort: port });
    transport.close();
  });

  test.each([[['', 0] as const], [['127.0.0.1', 0] as const]])(
    'a local address of %o',
    async (sourceAddress) => {
      const transport = await connectTCP({ ...target, sourceAddress });
      transport.close();
    },
  );

  test.each([
    ['127.0.0.1', 4],
    ['::1', 6],
  ])(
    'with a local address of %s, a name with several addresses is resolved to one of its family',
    async (address, family) => {
      const lookedUp = vi.spyOn(dns, 'lookup').mockImplementation(((
        _name: string,
        options: { family?: number },
        found: (error: Error) => void,
      ) => {
        expect(options.family).toBe(family);
        found(new Error('enough'));
      }) as never);
      onTestFinished(() => {
        lookedUp.mockRestore();
      });
      const failing = connectTCP({ host: 'name.test', port: 80, sourceAddress: [address, 0] });
      await expect(failing).rejects.toThrow('enough');
      expect(lookedUp).toHaveBeenCalled();
    },
  );

  test('an invalid local address is rejected, and no timer is left', async () => {
    const before = timers();
    const failing = connectTCP({ ...target, sourceAddress: ['127.0.0', 0], timeout: 60_000 });
    await expect(failing).rejects.toMatchObject({ code: 'ERR_INVALID_IP_ADDRESS' });
    expect(timers()).toBe(before);
  });

  test.each<[wrong: string, target: object, kind: typeof TypeError | typeof InvalidURL, says: string]>([
    ['no host', { host: undefined }, TypeError, '"undefined" as a host: it is not a string'],
    ['an empty host', { host: '' }, InvalidURL, '"" as a host: it is empty'],
    ['a NUL in the host', { host: '127.0.0.1\0.example' }, InvalidURL, 'as a host'],
    ['a host with a port', { host: '127.0.0.1:80' }, InvalidURL, 'a port is not part of it'],
    ['a port as text', { port: '80' }, InvalidURL, '"80" as a port: it is not a number'],
    ['no port', { port: undefined }, InvalidURL, '"undefined" as a port: it is not a number'],
    ['port 0', { port: 0 }, InvalidURL, '"0" as a port: expected a whole number from 1 to 65535'],
    ['a negative timeout', { timeout: -1 }, RangeError, '"-1" as timeout'],
    ['a timeout of 0', { timeout: 0 }, RangeError, '"0" as timeout'],
    ['a timeout of NaN', { timeout: NaN }, RangeError, '"NaN" as timeout'],
    ['a timeout as text', { timeout: '50' }, TypeError, '"50" as timeout: expected a number'],
    ['a controller', { signal: new AbortController() }, TypeError, 'as a signal: expected an AbortSignal'],
    ['a local address alone', { sourceAddress: '127.0.0.1' }, TypeError, 'as sourceAddress'],
    [
      'a local name',
      { sourceAddress: ['localhost', 0] },
      TypeError,
      '"localhost,0" as sourceAddress: expected an array of an IP address and a port',
    ],
    ['a local port of -1', { sourceAddress: ['127.0.0.1', -1] }, RangeError, 'the port of sourceAddress'],
  ])('rejects %s, and opens no socket', async (_wrong, wrong, kind, says) => {
    const before = sockets();
    const opening = connectTCP({ ...target, ...wrong });
    expect(sockets()).toBe(before);
    await expect(opening).rejects.toThrow(kind);
    await expect(opening).rejects.toThrow(`Cannot use `);
    await expect(opening).rejects.toThrow(says);
  });

  test.each([undefined, null, 'example.org', ['example.org', 80]])(
    'rejects %j as a target',
    async (wrong) => {
      await expect(connectTCP(wrong as never)).rejects.toThrow(
        new TypeError(`Cannot use "${String(wrong)}" as a target: expected an object with host and port`),
      );
    },
  );

  test('rejects with the system’s error', async () => {
    const port = await freePort();
    await expect(connectTCP({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  // It fails before anything is sent, and Node reports that at once, not when the system answers.
  test.each(['127.0.0.1', 'localhost'])('rejects if the local port is taken: to %s', async (host) => {
    const sourceAddress = ['127.0.0.1', target.port] as const;
    await expect(connectTCP({ ...target, host, sourceAddress })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  /**
   * Calls `use` with the port of a server that accepts nothing and whose queue is full, so that the system stops
   * responding, until `wake` is called.
   */
  async function withDeafServer(
    use: (port: number, filling: unknown, wake: () => void) => Promise<void>,
  ): Promise<void> {
    const script = `
      const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
        require('node:fs').writeSync(1, String(server.address().port));
        require('node:fs').readSync(0, Buffer.alloc(1));
      });`;
    const deaf = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    const port = Number(await new Promise((resolve) => deaf.stdout.once('data', resolve)));
    const others = sockets();
    const transports: Transport[] = [];
    try {
      let error: unknown;
      // Twice in a row: on a busy machine, one attempt may time out while there is still room.
      for (let failures = 0; failures < 2;) {
        try {
          transports.push(await connectTCP({ host: '127.0.0.1', port, timeout: 100 }));
          failures = 0;
        } catch (reason) {
          error = reason;
          failures++;
        }
      }
      // The socket of the failed attempt is closed in a later turn.
      await expect.poll(sockets, PATIENTLY).toBe(others + transports.length);
      await use(port, error, () => deaf.stdin.write('!'));
    } finally {
      for (const transport of transports) transport.close();
      deaf.kill('SIGKILL');
    }
  }

  test('times out if nobody responds, and names the address', () =>
    withDeafServer(async (port, error) => {
      expect(error).toMatchObject({ code: 'ETIMEDOUT', phase: 'connect', delivery: 'unsent' });
      expect((error as Error).message).toContain(`127.0.0.1:${port}`);
      return Promise.resolve();
    }));

  // As where IPv6 leads nowhere: Node gives each address but the last 250 ms (in Node 26, 500). The reference waits.
  describe('a name with a slow address, and then one that is refused', () => {
    const SLOW = { address: '127.0.0.1', family: 4 };
    const REFUSED = { address: '::1', family: 6 };

    function lookUp(onLookup: (count: number) => void, addresses = [SLOW, REFUSED]): void {
      let count = 0;
      const lookedUp = vi.spyOn(dns, 'lookup').mockImplementation(((
        _name: string,
        _options: object,
        found: (error: null, all: typeof addresses) => void,
      ) => {
        found(null, addresses);
        onLookup(++count);
      }) as never);
      onTestFinished(() => {
        lookedUp.mockRestore();
      });
    }

    test.each([
      ['one', [SLOW, REFUSED]],
      // The families in turn, as Node would try them. No connection to the broadcast address is possible.
      ['two', [SLOW, { address: '::ffff:127.0.0.1', family: 6 }, { address: '255.255.255.255', family: 4 }]],
    ])('is tried again, with more patience: %s of them', (_how, addresses) =>
      withDeafServer(async (port, _error, wake) => {
        // By then the packet that asks for the connection has been dropped. The system sends it again after a second.
        lookUp((count) => count === 2 && setImmediate(wake), addresses);
        const transport = await connectTCP({ host: 'slow.test', port });
        transport.close();
      }),
    );

    test('is tried again only once', () =>
      withDeafServer(async (port) => {
        const lookups: number[] = [];
        lookUp((count) => lookups.push(count));
        const before = sockets();
        const error = await connectTCP({ host: 'slow.test', port }).catch((reason: unknown) => reason);
        expect((error as AggregateError).errors).toMatchObject([{ code: 'ETIMEDOUT' }, {}]);
        expect(lookups).toEqual([1, 2]);
        await expect.poll(sockets, PATIENTLY).toBe(before);
      }));

    test('is no longer tried once the second attempt is cancelled', () =>
      withDeafServer(async (port) => {
        const controller = new AbortController();
        const lookups: number[] = [];
        lookUp((count) => {
          lookups.push(count);
          if (count === 2) controller.abort('enough');
        });
        const before = sockets();
        const { signal } = controller;
        await expect(connectTCP({ host: 'slow.test', port, signal })).rejects.toBe('enough');
        expect(lookups).toEqual([1, 2]);
        await expect.poll(sockets, PATIENTLY).toBe(before);
      }));
  });

  test.each<[what: string, connector: Connector, place: string]>([
    ['an IPv6 address in brackets', connectTCP, '[::1]:80'],
    ['a Unix domain socket by its path', unixConnector('/run/http'), '/run/http'],
  ])('names %s', async (_what, connector, place) => {
    // As if nobody responded: not every machine has IPv6.
    const connecting = vi.spyOn(Socket.prototype, 'connect').mockReturnThis();
    onTestFinished(() => {
      connecting.mockRestore();
    });
    const error = await connector({ host: '::1', port: 80, timeout: 1 }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ETIMEDOUT', phase: 'connect' });
    expect((error as Error).message).toContain(`Cannot connect to ${place}: `);
  });

  test.each<[string, (connection: HTTPConnection, controller: AbortController) => void, RegExp]>([
    [
      'its signal',
      (_connection, controller) => {
        controller.abort(new Error('enough'));
      },
      /^enough$/,
    ],
    [
      'close()',
      (connection) => {
        connection.close();
      },
      /^Cannot connect: the connection .* was closed/,
    ],
  ])(
    'an attempt of a connection is cancelled by %s while nobody responds, and leaves no socket',
    (_name, end, message) =>
      withDeafServer(async (port) => {
        const before = sockets();
        const controller = new AbortController();
        const connection = new HTTPConnection('127.0.0.1', port);
        const connecting = connection.connect({ signal: controller.signal });
        expect(sockets()).toBe(before + 1);
        end(connection, controller);
        await expect(connecting).rejects.toThrow(message);
        await expect.poll(sockets, PATIENTLY).toBe(before);
      }),
  );

  test('is cancelled by its signal', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const connecting = connectTCP({ ...target, signal, timeout: 60_000 });
    controller.abort('enough');
    await expect(connecting).rejects.toBe('enough');
    await expect(connectTCP({ ...target, signal })).rejects.toBe('enough');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  function sockets(): number {
    return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  }

  function timers(): number {
    return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  }
});
