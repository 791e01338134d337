import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners } from 'node:events';

import { CannotSendRequest } from '@http-client/errors';
import type { Connector } from '@http-client/io';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { HTTPConnection, type HTTPResponse, type RequestBody } from './index.js';
import {
  afterRequest,
  afterWrite,
  scriptedConnector,
  scriptedTransport,
  STALL,
  type ScriptedTransport,
} from './testing.js';
import { listening } from './testdata/sockets.js';
import { answer, outcome, quiet, rejection, settled, stage, text } from './testdata/stage.js';

// A caller's code runs in the middle of many operations, and may call the connection again.

const CLOSED = { code: 'HTTP_EXCEPTION', delivery: 'unsent' };
const expects = { Expect: '100-continue' };

describe('while the arguments of a request are read', () => {
  test.each(['fields', 'trailers'])('its %s may send another: only that one is sent', async (where) => {
    const { connection, transports } = stage([[afterRequest(), answer('inner')]]);
    await connection.connect();
    let inner: Promise<void> | undefined;
    const call = (): void => {
      inner = connection.request('GET', '/inner');
    };
    const fields = function* (): Generator<[string, string], void> {
      call();
      yield ['A', 'b'];
    };
    const trailers = (): undefined => {
      call();
    };
    const options = where === 'fields' ? { headers: fields() } : { body: 'body', trailers };
    expect(await rejection(connection.request('PUT', '/outer', options))).toBeInstanceOf(CannotSendRequest);
    await inner;
    const response = await connection.getResponse();
    expect(response.url).toBe('http://example.org/inner');
    expect(await response.text()).toBe('inner');
    expect(transports[0]!.writtenText).not.toContain('outer');
  });
});

describe('while a connection is being opened', () => {
  type Call = (connection: HTTPConnection, controller: AbortController) => void;
  /** Opens connections, and makes a call in the connector or in a subscriber, the first time that it runs. */
  function opening(where: string, call: Call) {
    const controller = new AbortController();
    const transports: ScriptedTransport[] = [];
    let armed = true;
    const fire = (place: string): void => {
      if (!armed || place !== where) return;
      armed = false;
      call(connection, controller);
    };
    const connector: Connector = () => {
      fire('the connector');
      const transport = scriptedTransport(answer('ok'));
      transports.push(transport);
      return Promise.resolve(transport);
    };
    const subscriber = (message: unknown): void => {
      if ((message as { connection: unknown }).connection === connection) fire('a subscriber');
    };
    subscribe('http.client.connect', subscriber);
    onTestFinished(() => void unsubscribe('http.client.connect', subscriber));
    const connection = new HTTPConnection('example.org', 80, { connector });
    return { connection, transports, signal: controller.signal };
  }
  const open = (transports: readonly ScriptedTransport[]): number =>
    transports.filter(({ closed }) => !closed).length;

  describe.each(['the connector', 'a subscriber'])('%s', (where) => {
    test.each([
      ['request', (connection: HTTPConnection) => connection.request('GET', '/')],
      ['connect', (connection: HTTPConnection) => connection.connect()],
    ])('may close it: %s rejects, and nothing is left open', async (_name, start) => {
      const { connection, transports } = opening(where, (each) => {
        each.close();
      });
      expect(await rejection(start(connection))).toMatchObject(CLOSED);
      expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
      expect(transports).toHaveLength(where === 'a subscriber' ? 0 : 1);
      expect(open(transports)).toBe(0);
      await connection.request('GET', '/');
      expect(await (await connection.getResponse()).text()).toBe('ok');
    });

    test('may abort the signal', async () => {
      const { connection, transports, signal } = opening(where, (_each, controller) => {
        controller.abort('enough');
      });
      await expect(connection.request('GET', '/', { signal })).rejects.toBe('enough');
      expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
      expect(open(transports)).toBe(0);
    });

    test('may connect: it waits for the same attempt', async () => {
      let inner: Promise<void> | undefined;
      const { connection, transports } = opening(where, (each) => {
        inner = each.connect();
      });
      await connection.request('GET', '/');
      await inner;
      expect(open(transports)).toBe(1);
      connection.close();
      expect(open(transports)).toBe(0);
    });

    test('may send data of the request, which follows its head', async () => {
      let sending: Promise<void> | undefined;
      const { connection, transports } = opening(where, (each) => {
        sending = each.send('one, ');
      });
      connection.putRequest('PUT', '/');
      connection.putHeader('Content-Length', 8);
      const heading = connection.endHeaders();
      await Promise.all([heading, sending, connection.send('two')]);
      expect(transports[0]!.writtenText).toMatch(/^PUT [^]*\r\n\r\none, two$/);
    });

    test('may wait for the response: if connecting fails, another request can be made at once', async () => {
      let again: Promise<unknown> | undefined;
      const { connection, signal } = opening(where, (each, controller) => {
        again = each.getResponse({ signal: controller.signal }).catch(() => each.request('GET', '/2'));
        controller.abort('enough');
      });
      await expect(connection.request('GET', '/1')).rejects.toBe('enough');
      await again;
      const response = await connection.getResponse();
      expect(response.url).toBe('http://example.org/2');
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });

    test('may close it and send another request, which alone is sent', async () => {
      let second: Promise<void> | undefined;
      const { connection, transports } = opening(where, (each) => {
        each.close();
        second = each.request('GET', '/2');
      });
      expect(await rejection(connection.request('GET', '/1'))).toMatchObject(CLOSED);
      await second;
      expect(await (await connection.getResponse()).text()).toBe('ok');
      expect(transports.map(({ writtenText }) => writtenText.split(' ')[1]).filter(Boolean)).toEqual(['/2']);
      expect(open(transports)).toBe(1);
    });
  });

  test('a response that is awaited does not wait for the next attempt after its own', async () => {
    for (let microtasks = 0; microtasks < 20; microtasks++) {
      const connector = scriptedConnector([scriptedTransport(''), STALL]);
      const connection = new HTTPConnection('example.org', 80, { connector });
      const requesting = settled(connection.request('GET', '/1'));
      const responding = settled(connection.getResponse());
      for (let count = 0; count < microtasks; count++) await Promise.resolve();
      connection.close();
      const connecting = settled(connection.connect());
      await requesting;
      expect(await responding).toMatchObject({ error: { code: 'HTTP_EXCEPTION' } });
      connection.close();
      await connecting;
    }
  });
});

describe('while a request is being sent', () => {
  test.each([
    ['a body in memory', 'body'],
    ['blocks', ['bo', 'dy']],
  ])('an observer of %s may abort its signal: nothing is sent', async (_what, body) => {
    const seen: Buffer[] = [];
    const peer = await listening((socket) => socket.on('data', (data) => seen.push(data)));
    const controller = new AbortController();
    const { signal } = controller;
    const connection = peer.connection({
      onWire: () => {
        controller.abort('enough');
      },
    });
    await connection.connect();
    await expect(connection.request('PUT', '/', { body, signal })).rejects.toBe('enough');
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
    await quiet();
    expect(seen).toEqual([]);
  });

  test.each(['close', 'abort'])('%s right after the 100: the body never passes for sent', async (how) => {
    for (let microtasks = 0; microtasks < 10; microtasks++) {
      let over!: () => void;
      const ended = new Promise<void>((resolve) => (over = resolve));
      const peer = await listening((socket) => {
        socket.once('data', () => socket.write('HTTP/1.1 100 Continue\r\n\r\n'));
        socket.on('data', (data) => seen.push(data));
        // A reset closes without an end.
        for (const event of ['end', 'close']) socket.on(event, over);
      });
      const seen: Buffer[] = [];
      const controller = new AbortController();
      const end = async (): Promise<void> => {
        for (let count = 0; count < microtasks; count++) await Promise.resolve();
        if (how === 'close') connection.close();
        else controller.abort(new Error('enough'));
      };
      const onWire = vi.fn();
      const connection = peer.connection({ onInformational: () => void end(), onWire });
      const { signal } = controller;
      const { error } = await settled(
        connection.request('PUT', '/', { body: 'hello', headers: expects, signal }),
      );
      connection.close();
      await ended;
      const whole = Buffer.concat(seen).toString().endsWith('hello');
      const shown = onWire.mock.calls.some(([event]) => (event as { part: string }).part === 'body');
      const passes = error === undefined;
      expect({ microtasks, whole, shown }).toEqual({ microtasks, whole: passes, shown: passes });
    }
  });

  test('an observer may close it while the response before is unread: the wait for a 100 ends', async () => {
    const { connection } = stage([answer('one')], {
      continueTimeout: 3_600_000,
      onWire: ({ direction, data }) => {
        if (direction === 'sent' && Buffer.from(data).includes('PUT')) connection.close();
      },
    });
    await connection.request('GET', '/1');
    await connection.getResponse();
    const { signal } = new AbortController();
    const requesting = connection.request('PUT', '/2', { body: 'hello', headers: expects, signal });
    expect(await rejection(requesting)).toMatchObject(CLOSED);
    await quiet();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('data that an observer of the head sends follows the head', async () => {
    const seen: Buffer[] = [];
    const peer = await listening((socket) => {
      socket.on('data', (data) => {
        seen.push(data);
        if (Buffer.concat(seen).toString().endsWith('hello')) socket.end('HTTP/1.1 204 No Content\r\n\r\n');
      });
    });
    let inner: Promise<void> | undefined;
    const connection = peer.connection({
      onWire: () => {
        inner ??= connection.send('hello');
      },
    });
    await connection.connect();
    connection.putRequest('PUT', '/');
    connection.putHeader('Content-Length', 5);
    await connection.endHeaders();
    await inner;
    expect((await connection.getResponse()).status).toBe(204);
    expect(Buffer.concat(seen).toString()).toMatch(/^PUT [^]*\r\n\r\nhello$/);
  });

  type Data = () => RequestBody;
  async function* slowly(...blocks: string[]): AsyncGenerator<string, void> {
    for (const block of blocks) {
      yield block;
      await quiet();
    }
  }
  const orders: [who: string, shown: string, outer: Data, inner: Data, expected: string][] = [
    ['the head', 'PUT /', () => '', () => slowly('inner, ', 'more, '), 'inner, more, last'],
    ['data', 'outer', () => 'outer, ', () => 'inner, ', 'outer, inner, last'],
    ['a stream', 'outer', () => slowly('outer, ', 'more, '), () => ', inner', 'outer, more, last, inner'],
  ];
  const title = 'what an observer of %s sends is sent in the order of the calls';
  test.each(orders)(title, async (_who, shown, outer, inner, expected) => {
    const sending: Promise<void>[] = [];
    let armed = true;
    const { connection, transports } = stage([''], {
      onWire: ({ data }) => {
        if (!armed || !text(data).startsWith(shown)) return;
        armed = false;
        sending.push(connection.send(inner()));
      },
    });
    await connection.connect();
    connection.putRequest('PUT', '/');
    connection.putHeader('Content-Length', expected.length);
    await connection.endHeaders();
    sending.push(connection.send(outer()), connection.send('last'));
    await quiet();
    await Promise.all(sending);
    await quiet();
    expect(transports[0]!.writtenText.split('\r\n\r\n')[1]).toBe(expected);
  });

  test.each(['close', 'abort'])('its trailers may %s: it never passes for sent', async (how) => {
    const peer = await listening((socket) => socket.resume());
    const controller = new AbortController();
    const { signal } = controller;
    const connection = peer.connection();
    const requesting = connection.request('PUT', '/', {
      body: ['body'],
      signal,
      trailers: () => {
        if (how === 'close') connection.close();
        else controller.abort(Object.assign(new Error('enough'), CLOSED));
        return undefined;
      },
    });
    expect(await rejection(requesting)).toMatchObject({ code: 'HTTP_EXCEPTION' });
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
  });

  test('data that waits behind a body of an earlier request is cancelled by its signal', async () => {
    const first = [afterWrite(1), 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\n'];
    const { connection } = stage([first, answer('next')]);
    const endless = async function* (): AsyncGenerator<string, void> {
      yield 'a';
      await new Promise(() => undefined);
    };
    connection.putRequest('PUT', '/1');
    connection.putHeader('Content-Length', 9);
    await connection.endHeaders();
    const sending = settled(connection.send(endless()));
    const controller = new AbortController();
    const waiting = settled(connection.send('b', { signal: controller.signal }));
    await connection.getResponse();
    await connection.request('GET', '/2');
    controller.abort('enough');
    expect(await waiting).toEqual({ error: 'enough' });
    expect(await sending).toMatchObject({ error: { code: 'HTTP_EXCEPTION' } });
    expect(await (await connection.getResponse()).text()).toBe('next');
  });
});

describe('while a response is being read', () => {
  test.each([
    ['a final head', 'HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n'],
    ['a 100', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['another interim head', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ])(
    'an observer of %s may close it and send another request, which has no part of it',
    async (_what, head) => {
      const asked = afterWrite((sent) => sent.endsWith('\r\n\r\n'));
      const first = scriptedTransport([asked, head]);
      const second = scriptedTransport([
        asked,
        'HTTP/1.1 100 Continue\r\n\r\n',
        afterWrite(5),
        answer('two'),
      ]);
      let armed = true;
      let next: Promise<void> | undefined;
      const connection = new HTTPConnection('example.org', 80, {
        connector: scriptedConnector([first, second]),
        continueTimeout: 1e6,
        onWire: ({ direction }) => {
          if (!armed || direction !== 'received') return;
          armed = false;
          connection.close();
          next = connection.request('PUT', '/2', { body: 'hello', headers: expects });
        },
      });
      await settled(connection.request('PUT', '/1', { body: 'body', headers: expects }));
      await next;
      const response = await connection.getResponse();
      expect(await response.text()).toBe('two');
      expect(response.informational.map(({ status }) => status)).toEqual([100]);
      expect(second.writtenText).toMatch(/^PUT \/2 [^]*\r\n\r\nhello$/);
    },
  );

  const reads: [name: string, read: (response: HTTPResponse) => Promise<unknown>][] = [
    ['peek', (response) => response.peek()],
    ['readLine', (response) => response.readLine()],
    ['lines', (response) => response.lines()[Symbol.asyncIterator]().next()],
  ];
  test.each(reads)(
    'an observer of what %s() reads may close it: no other response shows it',
    async (_name, read) => {
      const { connection } = stage([answer('one\nsecret')], {
        onWire: ({ part, direction }) => {
          if (part === 'body' && direction === 'received') connection.close();
        },
      });
      await connection.request('GET', '/');
      const { error } = await outcome(read(await connection.getResponse()));
      expect(error).toMatchObject({ code: 'HTTP_EXCEPTION', delivery: 'answered' });

      const other = stage([answer('two')]).connection;
      await other.request('GET', '/');
      const response = await other.getResponse();
      expect(await response.text()).toBe('two');
      expect(await response.readLine()).toHaveLength(0);
      expect(await response.peek()).toHaveLength(0);
    },
  );
});
