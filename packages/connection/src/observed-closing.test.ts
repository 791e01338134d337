import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { HTTPException } from '@http-client/errors';
import type { PushbackTransport } from '@http-client/tunnel';
import { describe, expect, onTestFinished, test } from 'vitest';

import {
  connectTCP,
  HTTPConnection,
  type HTTPResponse,
  type RequestOptions,
  type WireEvent,
} from './index.js';
import { afterRequest, END, scriptedTransport, STALL } from './testing.js';
import { listening } from './testdata/sockets.js';
import { answer, head, outcome, quiet, rejection, stage, text } from './testdata/stage.js';

// An observer runs in the middle of sending and parsing, and may end what it observes.
describe('an observer that closes the connection', () => {
  const parts: [
    part: WireEvent['part'],
    direction: WireEvent['direction'],
    script: string,
    rejects: string,
    request?: RequestOptions,
  ][] = [
    ['request-line', 'sent', answer('one'), 'request'],
    ['header', 'sent', answer('one'), 'request'],
    ['blank-line', 'sent', answer('one'), 'request'],
    ['body', 'sent', answer('one'), 'request', { body: ['a', 'b'], headers: { 'Content-Length': 2 } }],
    ['chunk-size', 'sent', answer('one'), 'request', { body: ['a', 'b'] }],
    ['status-line', 'received', answer('one'), 'getResponse'],
    ['header', 'received', answer('one'), 'getResponse'],
    ['blank-line', 'received', answer('one'), 'getResponse'],
    ['body', 'received', answer('one'), 'read'],
    ['chunk-size', 'received', `${head('Transfer-Encoding: chunked')}3\r\none\r\n0\r\n\r\n`, 'read'],
    ['chunk-data', 'received', `${head('Transfer-Encoding: chunked')}3\r\none\r\n0\r\n\r\n`, 'read'],
  ];
  const ways: [how: string, end: (connection: HTTPConnection, controller: AbortController) => void][] = [
    [
      'close()',
      (connection) => {
        connection.close();
      },
    ],
    [
      'its signal',
      (_connection, controller) => {
        controller.abort(new RangeError('enough'));
      },
    ],
  ];

  test.each(
    parts.flatMap(([part, direction, script, rejects, request]) =>
      ways
        .filter(([how]) => how === 'close()' || rejects === 'getResponse')
        .flatMap(([how, end]) =>
          [false, true].map((connected) => ({
            part,
            direction,
            script,
            rejects,
            request,
            how,
            end,
            connected,
          })),
        ),
    ),
  )(
    'when a $part is $direction, by $how: $rejects() rejects, and the next request works (connected before: $connected)',
    async ({ part, direction, script, rejects, request, end, connected }) => {
      const controller = new AbortController();
      let armed = true;
      const { connection, transports } = stage([[script], [answer('next')]], {
        onWire: (event) => {
          if (!armed || event.part !== part || event.direction !== direction) return;
          armed = false;
          end(connection, controller);
        },
      });
      if (connected) await connection.connect();
      const failed = async (): Promise<[string, unknown]> => {
        const sent = await outcome(connection.request('GET', '/1', request));
        if (sent.error !== undefined) return ['request', sent.error];
        const got = await outcome(connection.getResponse({ signal: controller.signal }));
        if (got.error !== undefined) return ['getResponse', got.error];
        return ['read', (await outcome((got.value as HTTPResponse).read())).error];
      };
      const [where, error] = await failed();
      expect(where).toBe(rejects);
      expect(error).toBeInstanceOf(controller.signal.aborted ? RangeError : HTTPException);
      expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
      expect(transports[0]!.closed).toBe(true);
      // What it was shown is not sent, nor anything after it.
      if (direction === 'sent')
        expect(transports[0]!.writtenText).toMatch(request === undefined ? /^$/ : /\r\n\r\n$/);

      await connection.request('GET', '/2');
      const response = await connection.getResponse();
      expect(await response.text()).toBe('next');
      expect(transports[1]!.closed).toBe(false);
      expect(connection.reusable).toBe(true);
    },
  );

  const chunked = `${head('Transfer-Encoding: chunked')}3;x\r\none\r\n4\r\n two\r\n0\r\nA: b\r\nC: d\r\n\r\n`;
  test.each([
    ['a length', `HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n${answer('one', 'A: b')}`],
    ['chunks', chunked],
    ['the end of the stream', `${head('Connection: close')}one`],
  ])(
    'is shown each received byte once, in order, whichever part it closes at: %s',
    async (_framing, script) => {
      const closing = async (at: number): Promise<boolean> => {
        let seen = '';
        let count = 0;
        const { connection } = stage([script], {
          onWire: ({ direction, data }) => {
            if (direction === 'sent') return;
            seen += text(data);
            if (count++ === at) connection.close();
          },
        });
        await connection.request('GET', '/');
        const got = await outcome(connection.getResponse());
        if (got.error === undefined) await outcome((got.value as HTTPResponse).read());
        connection.close();
        expect(seen).toBe(script);
        return count > at;
      };
      let at = 0;
      while (await closing(at)) at++;
      expect(at).toBeGreaterThan(3);
    },
  );

  test('a subscriber of http.client.send may do so as well', async () => {
    const peer = await listening(() => undefined);
    const connection = peer.connection();
    const close = (): void => {
      connection.close();
    };
    subscribe('http.client.send', close);
    onTestFinished(() => void unsubscribe('http.client.send', close));
    const { error } = await outcome(connection.request('GET', '/'));
    expect(error).toMatchObject({ code: 'HTTP_EXCEPTION', delivery: 'unsent' });
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
  });

  test('a response whose head was received when it closed does not disturb the next connection', async () => {
    let armed = true;
    const { connection } = stage([[answer('one')], [answer('next')]], {
      onWire: ({ part, direction }) => {
        if (armed && part === 'status-line' && direction === 'received') connection.close();
      },
    });
    await connection.request('GET', '/1');
    expect(await outcome(connection.getResponse())).toMatchObject({ error: { delivery: 'answered' } });
    armed = false;
    await connection.request('GET', '/2');
    const response = await connection.getResponse();
    expect(await response.text()).toBe('next');
    expect(connection.reusable).toBe(true);
  });

  const switching = 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nleft behind';
  test.each([
    ['', undefined],
    [', and sends another request', '/inner'],
  ])('while a request replaces it%s: that request is not sent', async (_name, inner) => {
    let other = Promise.resolve();
    const { connection, transports } = stage([[switching], [answer('next')]], {
      onWire: ({ part }) => {
        if (part !== 'excess') return;
        connection.close();
        if (inner !== undefined) other = connection.request('GET', inner);
      },
    });
    await connection.request('GET', '/1', { headers: { Connection: 'Upgrade', Upgrade: 'x' } });
    await connection.getResponse();
    expect(await rejection(connection.request('GET', '/2'))).toMatchObject({
      code: 'HTTP_EXCEPTION',
      delivery: 'unsent',
    });
    await other;
    if (inner === undefined) await connection.request('GET', '/3');
    const response = await connection.getResponse();
    expect(response.url).toBe(`http://example.org${inner ?? '/3'}`);
    expect(await response.text()).toBe('next');
    expect(transports[1]!.writtenText).not.toContain('/2');
  });

  test.each([
    ['', undefined],
    [', and sends another request', '/inner'],
  ])(
    'while close() of the response shows it what was not read%s: reads find the end',
    async (_name, inner) => {
      let other = Promise.resolve();
      const { connection } = stage([[answer('one')], [answer('next')]], {
        onWire: ({ part }) => {
          if (part !== 'excess') return;
          connection.close();
          if (inner !== undefined) other = connection.request('GET', inner);
        },
      });
      await connection.request('GET', '/1');
      const first = await connection.getResponse();
      first.close();
      expect(await first.read()).toHaveLength(0);
      await other;
      if (inner === undefined) await connection.request('GET', '/2');
      const response = await connection.getResponse();
      expect(response.url).toBe(`http://example.org${inner ?? '/2'}`);
      expect(await response.text()).toBe('next');
      expect(connection.reusable).toBe(true);
    },
  );

  test('while connect() replaces it: none is opened', async () => {
    const { connection, connector } = stage([[switching], [answer('next')]], {
      onWire: ({ part }) => {
        if (part === 'excess') connection.close();
      },
    });
    await connection.request('GET', '/', { headers: { Connection: 'Upgrade', Upgrade: 'x' } });
    await connection.getResponse();
    expect(await rejection(connection.connect())).toBeInstanceOf(HTTPException);
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
    expect(connector.targets).toHaveLength(1);
  });
});

test('an observer of bytes that were there before the connection may close it, and begin another, which close() ends', async () => {
  const peer = await listening((socket) => socket.write('HTTP/1.1 408 Request Timeout\r\n\r\n'));
  let inner = Promise.resolve();
  let isFirst = true;
  const connection = peer.connection({
    connector: async (target) => {
      if (!isFirst) return new Promise(() => undefined);
      isFirst = false;
      const transport = (await connectTCP(target)) as PushbackTransport;
      transport.unread((await transport.read())!);
      return transport;
    },
    onWire: ({ part }) => {
      if (part !== 'excess') return;
      connection.close();
      inner = connection.request('GET', '/inner');
    },
  });
  expect(await rejection(connection.request('GET', '/'))).toMatchObject({ delivery: 'unsent' });
  connection.close();
  expect(await outcome(inner)).toMatchObject({ error: { code: 'HTTP_EXCEPTION', delivery: 'unsent' } });
});

test.each(['close', 'abort'])(
  '%s right after it opened: no observer is shown what is not sent',
  async (how) => {
    const sent = new Set<boolean>();
    for (let microtasks = 0; microtasks < 20; microtasks++) {
      const transport = scriptedTransport([STALL]);
      const controller = new AbortController();
      const end = async (): Promise<void> => {
        for (let count = 0; count < microtasks; count++) await Promise.resolve();
        if (how === 'close') connection.close();
        else controller.abort(new Error('Cannot send the request: enough'));
      };
      let shown = '';
      const connection = new HTTPConnection('example.org', 80, {
        connector: () => {
          void end();
          return Promise.resolve(transport);
        },
        onWire: ({ data }) => (shown += text(data)),
      });
      const { error } = await outcome(connection.request('GET', '/', { signal: controller.signal }));
      connection.close();
      expect({ microtasks, shown }).toEqual({ microtasks, shown: transport.writtenText });
      if (error !== undefined)
        expect((error as Error).message).toMatch(/^Cannot (connect|send the request): /);
      sent.add(shown !== '');
    }
    expect(sent.size).toBe(2);
  },
);

describe('a request whose channel goes with the previous response', () => {
  const later = async function* (): AsyncGenerator<string, void> {
    yield 'a';
    await new Promise(() => undefined);
  };
  test.each([
    ['while its body is being sent', later()],
    ['after it was sent', undefined],
  ])('%s: it is rejected, and the connection is ready for the next one', async (_when, body) => {
    const { connection } = stage([[answer('long answer')], [answer('next')]]);
    await connection.request('GET', '/1');
    const first = await connection.getResponse();
    const second = connection.request('POST', '/2', body === undefined ? {} : { body });
    await quiet();
    first.close();
    const lost = body === undefined ? second.then(() => connection.getResponse()) : second;
    expect(await rejection(lost)).toMatchObject({ code: 'HTTP_EXCEPTION' });
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
    await connection.request('GET', '/3');
    const response = await connection.getResponse();
    expect(await response.text()).toBe('next');
  });

  test('send() says how far the request got', async () => {
    const { connection } = stage([[answer('long answer')]]);
    await connection.request('GET', '/1');
    const first = await connection.getResponse();
    connection.putRequest('POST', '/2');
    connection.putHeader('Content-Length', 5);
    await connection.endHeaders();
    first.close();
    expect((await outcome(connection.send('hello'))).error).toMatchObject({
      code: 'HTTP_EXCEPTION',
      delivery: 'sent',
    });
  });
});

describe('delivery', () => {
  test('a FIN after the previous response: no byte of the next one was received', async () => {
    const { connection } = stage([[`${head('Content-Length: 10')}hello`, afterRequest(), 'world', END]]);
    await connection.request('GET', '/1');
    const first = await connection.getResponse();
    await connection.request('GET', '/2');
    expect(await first.text()).toBe('helloworld');
    expect((await outcome(connection.getResponse())).error).toMatchObject({
      name: 'RemoteDisconnected',
      delivery: 'sent',
    });
  });
});
