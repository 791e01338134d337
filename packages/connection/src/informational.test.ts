import { HTTPException } from '@http-client/errors';
import { describe, expect, test } from 'vitest';

import type { HTTPConnection, InterimResponse } from './index.js';
import { afterWrite, scriptedTransport, STALL } from './testing.js';
import { answer, fetched, outcome, rejection, stage } from './testdata/stage.js';

const interim = (status: number, ...fields: readonly string[]): string =>
  [`HTTP/1.1 ${status} Interim`, ...fields, '', ''].join('\r\n');

/** An interim response in the form that the rows compare. */
const shown = ({ status, reason, headers }: InterimResponse): unknown => [status, reason, [...headers]];

describe('interim responses', () => {
  const rows: [name: string, came: string[], expected: unknown[]][] = [
    ['none', [], []],
    ['100', [interim(100)], [[100, 'Interim', []]]],
    [
      'early hints, twice',
      [interim(103, 'Link: </a>', 'Link: </b>'), interim(103, 'Link: </c>')],
      [
        [
          103,
          'Interim',
          [
            ['Link', '</a>'],
            ['Link', '</b>'],
          ],
        ],
        [103, 'Interim', [['Link', '</c>']]],
      ],
    ],
    [
      'all kinds, in order, including framing fields',
      [interim(102), interim(100, 'Content-Length: 5'), 'HTTP/1.0 199\r\n\r\n', interim(103)],
      [
        [102, 'Interim', []],
        [100, 'Interim', [['Content-Length', '5']]],
        [199, '', []],
        [103, 'Interim', []],
      ],
    ],
  ];
  for (const split of [undefined, 'bytes'] as const) {
    test.each(rows)(`%s (split: ${split ?? 'no'})`, async (_name, came, expected) => {
      const told: unknown[] = [];
      const { response } = await fetched([came.join('') + answer('final')], {
        onInformational: (response) => told.push(shown(response)),
        play: split === undefined ? {} : { split },
      });
      expect(response.status).toBe(200);
      expect(response.informational.map(shown)).toEqual(expected);
      expect(told).toEqual(expected);
      expect(await response.text()).toBe('final');
    });
  }

  // Only the final response can announce that the connection closes after it (RFC 9112, section 9.6).
  test.each([interim(103, 'Connection: close'), 'HTTP/1.0 100 Continue\r\n\r\n'])(
    'do not decide whether the connection is kept: %j',
    async (came) => {
      const { response, connection } = await fetched([came + answer('final')]);
      expect(response.willClose).toBe(false);
      expect(await response.text()).toBe('final');
      expect(connection.reusable).toBe(true);
    },
  );

  test('are reported on arrival, before the final response', async () => {
    const told: number[] = [];
    const { connection } = stage([interim(103)], { onInformational: ({ status }) => told.push(status) });
    await connection.request('GET', '/');
    const waiting = outcome(connection.getResponse());
    expect(await waiting).toEqual({ pending: true });
    expect(told).toEqual([103]);
    connection.close();
  });

  test('belong to the response that they precede', async () => {
    const { response, connection } = await fetched([
      interim(103, 'Link: </a>') + answer('one'),
      afterWrite(1),
      interim(102) + answer('two'),
    ]);
    await response.read();
    await connection.request('GET', '/2');
    const second = await connection.getResponse();
    expect(response.informational.map(({ status }) => status)).toEqual([103]);
    expect(second.informational.map(({ status }) => status)).toEqual([102]);
  });
});

describe('the limit on interim responses', () => {
  test.each([
    ['by default', {}, 100],
    ['as set', { maxInterimResponses: 3 }, 3],
    ['set to zero', { maxInterimResponses: 0 }, 0],
  ])('%s', async (_name, options, limit) => {
    const { response } = await fetched([interim(102).repeat(limit) + answer('ok')], options);
    expect(response.informational).toHaveLength(limit);

    const { connection, transports } = stage([interim(102).repeat(limit + 1) + answer('no')], options);
    await connection.request('GET', '/');
    const error = await rejection(connection.getResponse());
    expect(error).toBeInstanceOf(HTTPException);
    expect(error.message).toContain(`more than ${limit} interim responses`);
    expect(error.delivery).toBe('answered');
    expect(connection.state).toBe('Idle');
    expect(transports[0]!.closed).toBe(true);
  });

  test('is also one on their total length, which may be that of one head', async () => {
    const fields = `A: ${'a'.repeat(65_000)}\r\n`;
    const large = (count: number): string => `HTTP/1.1 103 \r\n${fields.repeat(count)}\r\n`;
    const { response } = await fetched([large(10).repeat(10) + answer('ok')]);
    expect(response.informational).toHaveLength(10);

    const { connection, transports } = stage([large(100).repeat(2)]);
    await connection.request('GET', '/');
    const error = await rejection(connection.getResponse());
    expect(error).toBeInstanceOf(HTTPException);
    expect(error.message).toContain(`longer than ${101 * 65_536} bytes`);
    expect(transports[0]!.closed).toBe(true);
  });

  test('ends a series without end', async () => {
    const endless = function* (): Generator<string> {
      for (;;) yield interim(102);
    };
    const transport = scriptedTransport(endless());
    const { connection } = stage([], { connector: transport.connector });
    await connection.request('GET', '/');
    await expect(connection.getResponse()).rejects.toThrow(HTTPException);
    expect(transport.closed).toBe(true);
  });
});

describe('a callback for interim responses', () => {
  /** Sends a request whose response arrives in one block with an interim response before it. */
  async function calledBack(
    callback: (connection: HTTPConnection, controller: AbortController) => void,
  ): Promise<{ connection: HTTPConnection; got: ReturnType<typeof outcome> }> {
    const controller = new AbortController();
    const { connection } = stage([interim(103) + answer('one'), answer('two')], {
      onInformational: () => {
        callback(connection, controller);
      },
    });
    await connection.request('GET', '/');
    return { connection, got: outcome(connection.getResponse({ signal: controller.signal })) };
  }

  async function expectFresh(connection: HTTPConnection): Promise<void> {
    expect(connection).toMatchObject({ state: 'Idle', reusable: false, transport: undefined });
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(await response.text()).toBe('two');
  }

  test('throws: getResponse rejects with it', async () => {
    const fault = new Error('mine');
    const { connection, got } = await calledBack(() => {
      throw fault;
    });
    expect((await got).error).toBe(fault);
    await expectFresh(connection);
  });

  test.each([100, 102])(
    'throws at a %d while an upload waits for a 100: request rejects with it',
    async (status) => {
      const fault = new Error('mine');
      const { connection, transports } = stage([[afterWrite(1), interim(status), STALL]], {
        onInformational: () => {
          throw fault;
        },
      });
      const headers = { Expect: '100-continue' };
      const { error } = await outcome(connection.request('POST', '/', { body: 'body', headers }));
      expect(error).toBe(fault);
      expect(error).toMatchObject({ delivery: 'answered' });
      expect(transports[0]!.writtenText).not.toContain('body');
      expect(connection.state).toBe('Idle');
    },
  );

  test('closes the connection: the response after it is not returned', async () => {
    const { connection, got } = await calledBack((connection) => {
      connection.close();
    });
    expect((await got).error).toBeInstanceOf(HTTPException);
    await expectFresh(connection);
  });

  test('closes the connection: it is not called for what came with it', async () => {
    const called: number[] = [];
    const { connection } = stage([interim(102) + interim(103) + answer('one')], {
      onInformational: ({ status }) => {
        called.push(status);
        connection.close();
      },
    });
    await connection.request('GET', '/');
    expect(await rejection(connection.getResponse())).toBeInstanceOf(HTTPException);
    expect(called).toEqual([102]);
  });

  test('closes the connection and makes another request', async () => {
    let second: Promise<void> | undefined;
    const { connection, got } = await calledBack((connection) => {
      connection.close();
      second = connection.request('GET', '/2');
    });
    expect((await got).error).toBeInstanceOf(HTTPException);
    await second;
    const response = await connection.getResponse();
    expect(await response.text()).toBe('two');
  });

  test('aborts the signal: getResponse rejects with the reason', async () => {
    const reason = new Error('enough');
    const { connection, got } = await calledBack((_connection, controller) => {
      controller.abort(reason);
    });
    expect((await got).error).toBe(reason);
    await expectFresh(connection);
  });

  test('asks for a response: another call is already waiting', async () => {
    let refused: ReturnType<typeof outcome> | undefined;
    const { got } = await calledBack((connection) => {
      refused = outcome(connection.getResponse());
    });
    expect((await got).value).toMatchObject({ status: 200 });
    expect((await refused!).error).toMatchObject({ code: 'HTTP_RESPONSE_NOT_READY' });
  });

  test('aborts an upload that waits for a 100, while getResponse is waiting', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { connection } = stage([[afterWrite(1), interim(102), answer('no')]], {
      onInformational: () => {
        controller.abort(reason);
      },
    });
    const headers = { Expect: '100-continue' };
    const requesting = outcome(
      connection.request('POST', '/', { body: 'body', headers, signal: controller.signal }),
    );
    const getting = outcome(connection.getResponse());
    expect((await requesting).error).toBe(reason);
    expect((await getting).error).toBeInstanceOf(HTTPException);
    expect(connection.state).toBe('Idle');
  });
});

// As in Python, which then reads every later response one request too late.
test.each([103, 199])(
  'strict: false: a %d is handed out, and the response after it is not that of the next request',
  async (status) => {
    const { connection, connector } = stage([[interim(status), answer('one')], [answer('two')]], {
      strict: false,
    });
    await connection.request('GET', '/1');
    const first = await connection.getResponse();
    expect(first).toMatchObject({ status, willClose: false });
    expect(connection.reusable).toBe(false);
    await connection.request('GET', '/2');
    const second = await connection.getResponse();
    expect(await second.text()).toBe('two');
    expect(connector.targets).toHaveLength(2);
  },
);
