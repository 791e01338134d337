import { getEventListeners } from 'node:events';

import { HTTPException } from '@http-client/errors';
import type { Connector, Transport } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { HTTPConnection, type HTTPResponse } from './index.js';
import {
  afterWrite,
  END,
  scriptedConnector,
  scriptedTransport,
  STALL,
  type ScriptedTransport,
} from './testing.js';
import { answer, head, outcome, quiet, rejection, settled, stage } from './testdata/stage.js';

describe('close()', () => {
  test('while connecting: the next request is not mistaken for the previous one', async () => {
    const transport = scriptedTransport(answer('second'));
    const connector = scriptedConnector([STALL, transport]);
    const connection = new HTTPConnection('example.org', 80, { connector });
    const first = outcome(connection.request('GET', '/1'));
    connection.close();
    const second = outcome(connection.request('GET', '/2'));
    expect(await first).toMatchObject({ error: { delivery: 'unsent' } });
    expect(await second).toEqual({ value: undefined });
    const response = await connection.getResponse();
    expect(await response.text()).toBe('second');
  });

  test('while connecting: a later connect() is not closed by the previous request', async () => {
    const connector = scriptedConnector([STALL, scriptedTransport([])]);
    const connection = new HTTPConnection('example.org', 80, { connector });
    const first = outcome(connection.request('GET', '/1'));
    connection.close();
    const second = outcome(connection.connect());
    expect(await first).toHaveProperty('error');
    expect(await second).toEqual({ value: undefined });
    expect(connection.reusable).toBe(true);
  });

  test('drops queued body data', async () => {
    const transports = [scriptedTransport([], { stallWritesAfter: 10 }), scriptedTransport(answer('second'))];
    const connector = scriptedConnector(transports);
    const connection = new HTTPConnection('example.org', 80, { connector });
    connection.putRequest('POST', '/1');
    connection.putHeader('Content-Length', 8);
    const sends = [connection.endHeaders(), connection.send('one '), connection.send('more')];
    const settled = Promise.allSettled(sends);
    await quiet();
    connection.close();
    await connection.request('GET', '/2');
    for (const { status } of await settled) expect(status).toBe('rejected');
    const response = await connection.getResponse();
    expect(await response.text()).toBe('second');
    expect(transports[1]!.writtenText).toBe(
      'GET /2 HTTP/1.1\r\nHost: example.org\r\nAccept-Encoding: identity\r\n\r\n',
    );
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    '%i turns after the connector returned a transport',
    async (turns) => {
      const transport = scriptedTransport(answer('one'));
      const connector: Connector = () => {
        const given = Promise.resolve<Transport>(transport);
        let later: Promise<unknown> = given;
        for (let turn = 0; turn < turns; turn++) later = later.then(() => undefined);
        void later.then(() => {
          connection.close();
        });
        return given;
      };
      const connection: HTTPConnection = new HTTPConnection('example.org', 80, { connector });
      const requesting = outcome(connection.request('GET', '/'));
      const { error, pending } = await requesting;
      expect(pending).toBeUndefined();
      if (transport.writes.length === 0) expect(error).toMatchObject({ delivery: 'unsent' });
      expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
      expect(transport.closed).toBe(true);
    },
  );
});

test('a signal has no listener left once its operation has ended', async () => {
  const { signal } = new AbortController();
  const listeners = (): number => getEventListeners(signal, 'abort').length;
  const script = ['HTTP/1.1 102 \r\n\r\n', answer('one')];
  const { connection } = stage([[afterWrite((sent) => sent.endsWith('0\r\n\r\n')), ...script]]);
  await connection.request('POST', '/', { body: ['a', 'b'], signal });
  expect(listeners()).toBe(0);
  const getting = connection.getResponse({ signal });
  expect(listeners()).toBe(1);
  await getting;
  expect(listeners()).toBe(0);
});

describe('a queued send', () => {
  test('is cancelled by its signal at once, together with everything in progress', async () => {
    const { connection, transports } = stage(['', answer('next')], { play: { stallWritesAfter: 10 } });
    connection.putRequest('POST', '/');
    const controller = new AbortController();
    const { signal } = controller;
    const sends = [
      connection.endHeaders(),
      connection.send('one'),
      connection.send('two', { signal }),
      connection.send('three'),
    ];
    const outcomes = Promise.all(sends.map(settled));
    await quiet();
    controller.abort('enough');
    const closed = { error: { code: 'HTTP_EXCEPTION' } };
    expect(await outcomes).toMatchObject([closed, closed, { error: 'enough' }, closed]);
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(transports[0]!.written).toHaveLength(10);
  });

  test('of an ended request does not cancel another one', async () => {
    const { connection } = stage(['', answer('next')], { play: { stallWritesAfter: 70 } });
    connection.putRequest('POST', '/', { skipAcceptEncoding: true });
    const controller = new AbortController();
    const { signal } = controller;
    const large = new Uint8Array(100);
    const sends = [connection.endHeaders(large), connection.send('one', { signal })].map(settled);
    await quiet();
    connection.close();
    const requesting = connection.request('GET', '/');
    controller.abort('late');
    await requesting;
    const response = await connection.getResponse();
    expect(await response.text()).toBe('next');
    expect(await Promise.all(sends)).toMatchObject([
      { error: { code: 'HTTP_EXCEPTION' } },
      { error: 'late' },
    ]);
  });

  test('is not cancelled by a signal that is aborted afterwards', async () => {
    const { connection, transports } = stage([''], { play: { stallWritesAfter: 10 } });
    connection.putRequest('POST', '/', { skipHost: true, skipAcceptEncoding: true });
    const controller = new AbortController();
    const { signal } = controller;
    const sends = [connection.endHeaders(), connection.send('one', { signal }), connection.send('two')];
    await quiet();
    transports[0]!.drain();
    await Promise.all(sends);
    controller.abort('late');
    await quiet();
    expect(transports[0]!.writtenText).toBe('POST / HTTP/1.1\r\n\r\nonetwo');
    expect(connection.state).toBe('Request-sent');
  });
});

describe('a response that arrives while the body is being sent', () => {
  /** A body that yields a block, and each further one when told to. It reports when it was closed. */
  function reluctant(): { body: AsyncGenerator<string>; more: () => void; closed: Promise<void> } {
    let more!: () => void;
    let close!: () => void;
    const asked = new Promise<void>((resolve) => (more = resolve));
    const closed = new Promise<void>((resolve) => (close = resolve));
    async function* blocks(): AsyncGenerator<string, void, void> {
      try {
        yield 'some of it';
        await asked;
        yield 'the rest';
      } finally {
        close();
      }
    }
    return { body: blocks(), more, closed };
  }

  test('is not lost if the body cannot be sent completely', async () => {
    const script = [afterWrite((sent) => sent.includes('some of it')), head('Connection: close'), 'no', END];
    const transport = scriptedTransport(script, { failWritesAfter: 100 });
    const { connector } = transport;
    const connection = new HTTPConnection('example.org', 80, { connector });
    const { body, more, closed } = reluctant();
    const headers = { 'Content-Length': 1000 };
    const requesting = connection.request('POST', '/', { body, headers });
    const response = await connection.getResponse();
    more();
    expect(await rejection(requesting)).toMatchObject({ code: 'EPIPE', delivery: 'answered' });
    await closed;
    expect(await response.text()).toBe('no');
    expect(transport.closed).toBe(true);
  });

  test.each([
    ['keeps the connection open', answer('no')],
    ['announces closing', answer('no', 'Connection: close')],
  ])('and %s: the next request uses another connection, and the upload ends', async (_name, early) => {
    const transports = [
      scriptedTransport([afterWrite((sent) => sent.includes('some of it')), early]),
      scriptedTransport(answer('yes')),
    ];
    const connector = scriptedConnector(transports);
    const connection = new HTTPConnection('example.org', 80, { connector });
    const { body, more } = reluctant();
    const requesting = rejection(connection.request('POST', '/', { body }));
    const response = await connection.getResponse();
    await connection.request('GET', '/');
    expect(await response.text()).toBe('no');
    expect(transports[0]!.closed).toBe(true);
    expect(await requesting).toMatchObject({ code: 'HTTP_EXCEPTION', delivery: 'answered' });
    more();
    const second = await connection.getResponse();
    expect(await second.text()).toBe('yes');
    expect(transports[0]!.writtenText).not.toContain('the rest');
  });

  test.each([
    ['', 0],
    [', even if another request has been sent meanwhile', 1],
  ])(
    'and announces closing: close() ends the upload, and the response can still be read%s',
    async (_when, others) => {
      const script = [
        afterWrite((sent) => sent.includes('some of it')),
        head('Connection: close'),
        afterWrite(0),
        'no',
        END,
      ];
      const { connection, transports } = stage([script, '']);
      const { body } = reluctant();
      const requesting = rejection(connection.request('POST', '/', { body }));
      const response = await connection.getResponse();
      for (let other = 0; other < others; other++) await connection.request('GET', '/');
      connection.close();
      expect(await requesting).toMatchObject({ code: 'HTTP_EXCEPTION', delivery: 'answered' });
      expect(await response.text()).toBe('no');
      expect(transports[0]!.closed).toBe(true);
    },
  );

  test('and keeps the connection open: connect() leaves it to the upload, even once the response has been read', async () => {
    const early = afterWrite((sent) => sent.includes('some of it'));
    const { connection, transports, connector } = stage([[early, answer('yes')], '']);
    const { body, more } = reluctant();
    const requesting = connection.request('POST', '/', { body });
    const response = await connection.getResponse();
    expect(await response.text()).toBe('yes');
    await connection.connect();
    more();
    await requesting;
    expect(transports[0]!.writtenText).toContain('the rest');
    expect(connection).toMatchObject({ reusable: true, transport: transports[0] });
    expect(connector.targets).toHaveLength(1);
  });

  const endings: [what: string, end: (response: HTTPResponse, fail: () => void) => unknown, error: object][] =
    [
      ['reading the response', (response) => response.read(), { code: 'HTTP_EXCEPTION' }],
      [
        'its source',
        (_response, fail) => {
          fail();
        },
        { message: 'the disk is gone' },
      ],
    ];
  test.each(endings)(
    'and announces closing: an upload that is ended by %s does not close a connection opened meanwhile',
    async (_what, end, error) => {
      const early = afterWrite((sent) => sent.includes('some of it'));
      const { connection, transports } = stage([[early, answer('no', 'Connection: close')], '']);
      let fail!: () => void;
      const failing = new Promise<void>((_resolve, reject) => {
        fail = () => {
          reject(new Error('the disk is gone'));
        };
      });
      async function* body(): AsyncGenerator<string, void, void> {
        yield 'some of it';
        await failing;
      }
      const requesting = rejection(connection.request('POST', '/', { body: body() }));
      const response = await connection.getResponse();
      await connection.connect();
      await end(response, fail);
      expect(await requesting).toMatchObject({ ...error, delivery: 'answered' });
      expect(connection).toMatchObject({ reusable: true, transport: transports[1] });
      expect(transports.map(({ closed }) => closed)).toEqual([true, false]);
    },
  );

  test('and announces closing: an upload whose source fails ends a read that waits', async () => {
    const early = afterWrite((sent) => sent.includes('some of it'));
    const { connection } = stage([[early, head('Content-Length: 9', 'Connection: close'), 'half', STALL]]);
    let fail!: () => void;
    async function* body(): AsyncGenerator<string, void, void> {
      yield 'some of it';
      await new Promise<void>((_resolve, reject) => {
        fail = () => {
          reject(new Error('the disk is gone'));
        };
      });
    }
    const requesting = rejection(connection.request('POST', '/', { body: body() }));
    const response = await connection.getResponse();
    const reading = outcome(response.read());
    fail();
    expect((await reading).error).toBeInstanceOf(HTTPException);
    expect(await requesting).toMatchObject({ message: 'the disk is gone', delivery: 'answered' });
  });

  test('and announces closing: an upload whose source fails ends a later read, too, even of bytes that had arrived', async () => {
    const early = afterWrite((sent) => sent.includes('some of it'));
    const { connection } = stage([[early, answer('no', 'Connection: close'), STALL]]);
    async function* body(): AsyncGenerator<string, void, void> {
      yield 'some of it';
      await connection.getResponse().then((response) => (late = response));
      throw new Error('the disk is gone');
    }
    let late!: HTTPResponse;
    await rejection(connection.request('POST', '/', { body: body() }));
    expect(await rejection(late.read())).toMatchObject({ code: 'HTTP_EXCEPTION', delivery: 'answered' });
  });

  test('and announces closing: a connection opened meanwhile is used', async () => {
    const transports = [
      scriptedTransport([
        afterWrite((sent) => sent.includes('some of it')),
        answer('no', 'Connection: close'),
        STALL,
      ]),
      scriptedTransport(answer('yes')),
    ];
    const connection = new HTTPConnection('example.org', 80, { connector: scriptedConnector(transports) });
    const requesting = rejection(connection.request('POST', '/', { body: reluctant().body }));
    const response = await connection.getResponse();
    await connection.connect();
    await connection.request('GET', '/');
    const second = await connection.getResponse();
    expect(await second.text()).toBe('yes');
    expect(connection.reusable).toBe(true);
    expect(await response.text()).toBe('no');
    expect(await requesting).toMatchObject({ code: 'HTTP_EXCEPTION', delivery: 'answered' });
  });
});

describe('a request after an unread response', () => {
  /** Closes the first response when a second request has been sent, whose response is lost with the connection. */
  async function lost(): Promise<{ connection: HTTPConnection; fresh: ScriptedTransport }> {
    const fresh = scriptedTransport([afterWrite(0), STALL]);
    const connector = scriptedConnector([scriptedTransport([head('Content-Length: 9'), 'some']), fresh]);
    const connection = new HTTPConnection('example.org', 80, { connector });
    await connection.request('GET', '/1');
    const response = await connection.getResponse();
    connection.putRequest('POST', '/2');
    connection.putHeader('Content-Length', 4);
    await connection.endHeaders();
    response.close();
    expect(connection.state).toBe('Request-sent');
    return { connection, fresh };
  }

  test.each([false, true])('is lost with it (connected again: %o)', async (connect) => {
    const { connection, fresh } = await lost();
    if (connect) await connection.connect();
    expect(await outcome(connection.send('data'))).toMatchObject({ error: { code: 'HTTP_EXCEPTION' } });
    expect(await outcome(connection.getResponse())).toMatchObject({
      error: { code: 'HTTP_EXCEPTION', delivery: 'sent' },
    });
    expect(connection.state).toBe('Idle');
    expect(fresh.writtenText).toBe('');
  });
});
