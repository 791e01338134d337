import { stat } from 'node:fs';
import type { Socket } from 'node:net';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { acrossStandstill } from '../../../tests/support/idle-peer.js';
import { HTTPConnection } from './index.js';
import { afterRequest, afterWrite, END, reset, type ScriptStep } from './testing.js';
import { afterHead, listening } from './testdata/sockets.js';
import { answer, head, outcome, quiet, stage } from './testdata/stage.js';

/** What an attacker, or a broken server, would like to be taken for the next response. */
const FORGED = answer('forged');

describe('bytes that arrive while no response is due are not taken for one', () => {
  const rows: [name: string, script: ScriptStep[]][] = [
    ['a complete response after the response', [answer('first') + FORGED]],
    ['one byte after the response', [`${answer('first')} `]],
    ['a line break after the response', [`${answer('first')}\r\n`]],
    [
      'a complete response after chunks',
      [`${head('Transfer-Encoding: chunked')}5\r\nfirst\r\n0\r\n\r\n${FORGED}`],
    ],
    ['a complete response, a little later', [answer('first'), FORGED]],
    ['the end', [answer('first'), END]],
    ['the end, preceded by a complete response', [answer('first') + FORGED, END]],
    ['a reset', [answer('first'), reset()]],
  ];
  for (const play of [{}, { split: 'bytes' as const }]) {
    test.each(rows)(`%s (${JSON.stringify(play)})`, async (_name, script) => {
      const { connection, transports, connector } = stage([script, [answer('second')]], { play });
      await connection.request('GET', '/1');
      const response = await connection.getResponse();
      expect(await response.text()).toBe('first');
      await quiet();
      expect(connection).toMatchObject({ state: 'Idle', reusable: false, transport: undefined });
      expect(transports[0]!.closed).toBe(true);
      await connection.request('GET', '/2');
      const second = await connection.getResponse();
      expect(await second.text()).toBe('second');
      expect(connector.targets).toHaveLength(2);
      expect(transports[0]!.writtenText).not.toContain('/2');
    });
  }

  test.each([
    ['bytes', [afterWrite(0), FORGED]],
    ['the end', [END]],
    ['a reset', [reset()]],
  ] as [string, ScriptStep[]][])('%s before the first request', async (_name, script) => {
    const { connection } = stage([script, [answer('second')]]);
    await connection.connect();
    await quiet();
    expect(connection).toMatchObject({ state: 'Idle', reusable: false, transport: undefined });
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(await response.text()).toBe('second');
  });
});

test.each([
  ['closed the connection', END, ''],
  ['sent another response', FORGED, ': unsolicited bytes arrived'],
])('an upload whose response has been read is told that the server %s', async (_what, stray, why) => {
  const { connection } = stage([
    [afterWrite(1), answer('first'), afterWrite((sent) => sent.includes('go')), stray],
  ]);
  const body = (async function* () {
    yield 'some of it';
    await (await connection.getResponse()).read();
    yield 'go';
    await new Promise(() => undefined);
  })();
  const { error } = await outcome(connection.request('PUT', '/', { body }));
  expect((error as Error).message).toBe(
    `Cannot send the request: the connection to example.org:80 was closed${why} (state Idle, phase send)`,
  );
});

describe('bytes after an unread response', () => {
  test('that arrive before the next request is sent are not its response', async () => {
    const { connection, transports } = stage([[answer('first') + FORGED, afterRequest(), answer('late')]]);
    await connection.request('GET', '/1');
    const first = await connection.getResponse();
    await connection.request('GET', '/2');
    expect(await first.text()).toBe('first');
    expect(transports[0]!.closed).toBe(true);
    expect(await outcome(connection.getResponse())).toMatchObject({
      error: { code: 'HTTP_EXCEPTION', delivery: 'sent' },
    });
    expect(connection.state).toBe('Idle');
  });

  test('of which a part arrives before the next request is sent are not its response, either', async () => {
    const script = [answer('first') + FORGED.slice(0, 9), afterRequest(), FORGED.slice(9)];
    const { connection, transports } = stage([script]);
    await connection.request('GET', '/1');
    const first = await connection.getResponse();
    await connection.request('GET', '/2');
    expect(await first.text()).toBe('first');
    expect(transports[0]!.closed).toBe(true);
    expect(await outcome(connection.getResponse())).toHaveProperty('error');
  });

  test('that arrive once the next request has been sent may be its response', async () => {
    const { connection } = stage([[answer('first'), afterRequest(), answer('second')]]);
    await connection.request('GET', '/1');
    const first = await connection.getResponse();
    await connection.request('GET', '/2');
    await quiet();
    expect(await first.text()).toBe('first');
    const second = await connection.getResponse();
    expect(await second.text()).toBe('second');
  });
});

describe('a response that is closed', () => {
  test.each([
    ['unread', 0],
    ['in part', 2],
  ])('%s: the connection is closed, and the next request opens another', async (_name, amount) => {
    const { connection, transports } = stage([[answer('a long answer')], [answer('second')]]);
    await connection.request('GET', '/1');
    const first = await connection.getResponse();
    if (amount > 0) await first.read(amount);
    first.close();
    expect(connection).toMatchObject({ state: 'Idle', reusable: false, transport: undefined });
    expect(transports[0]!.closed).toBe(true);
    await connection.request('GET', '/2');
    const second = await connection.getResponse();
    expect(await second.text()).toBe('second');
  });

  test('after its last byte leaves the connection open', async () => {
    const { connection, connector } = stage([[answer('first'), afterRequest(), answer('second')]]);
    await connection.request('GET', '/1');
    const first = await connection.getResponse();
    await first.read(5);
    first.close();
    expect(connection.reusable).toBe(true);
    await connection.request('GET', '/2');
    const second = await connection.getResponse();
    expect(await second.text()).toBe('second');
    expect(connector.targets).toHaveLength(1);
  });
});

describe('over TCP', () => {
  const rows: [name: string, misbehave: (socket: Socket) => void][] = [
    ['a FIN while idle', (socket) => socket.end()],
    ['a RST while idle', (socket) => socket.resetAndDestroy()],
    ['bytes while idle', (socket) => socket.write(FORGED)],
  ];
  test.each(rows)('%s: the next request opens another connection', async (_name, misbehave) => {
    const peer = await listening((socket, index) => {
      afterHead(socket, () => socket.write(answer(`answer ${index}`)));
    });
    const connection = peer.connection();
    await connection.request('GET', '/1');
    const first = await connection.getResponse();
    expect(await first.text()).toBe('answer 0');
    expect(connection.reusable).toBe(true);
    misbehave(peer.sockets[0]!);
    while (connection.reusable) await new Promise(setImmediate);
    await connection.request('GET', '/2');
    const second = await connection.getResponse();
    expect(await second.text()).toBe('answer 1');
    expect(peer.sockets).toHaveLength(2);
  });
});

test.each(['end', 'reset', 'write'] as const)(
  'what arrives while the program computes (%s) is seen before the next request is sent',
  async (what) => {
    const bodies = await acrossStandstill({ what }, (port) => new HTTPConnection('127.0.0.1', port));
    expect(bodies).toEqual(['connection 1', 'connection 2']);
  },
);

test('so it is if the clock is set back meanwhile, as after a sleep of the machine', async () => {
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const bodies = await acrossStandstill(
    { what: 'end' },
    (port) => new HTTPConnection('127.0.0.1', port),
    () => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 }),
  );
  expect(bodies).toEqual(['connection 1', 'connection 2']);
});

// The system has received it, and this process has not read it yet when the next request is made.
describe('bytes that the system still holds when the next request is made', () => {
  /** One write of a response that fills what is read at a time, or is read ahead, and of what follows it. */
  const served = (size: number) => (socket: Socket, index: number) => {
    afterHead(socket, () => {
      const first = head(`Content-Length: ${size}`) + 'x'.repeat(size);
      socket.write(index === 0 ? first + FORGED : answer('second'));
    });
  };
  const READ = 65_536;
  test.each<[what: string, size: number, wait: (connection: HTTPConnection) => Promise<unknown>]>([
    ['after a read that was full', READ - head(`Content-Length: ${READ}`).length, () => Promise.resolve()],
    ['after a body that was read ahead', READ, quiet],
    // The turn after that begins before the socket has been read again.
    [
      'after a body that was read ahead, in a callback of other I/O',
      READ,
      async () => {
        await quiet();
        await new Promise((resolve) => {
          stat('.', resolve);
        });
      },
    ],
    [
      'after a body of several reads',
      4 * READ - head(`Content-Length: ${READ}`).length,
      () => Promise.resolve(),
    ],
  ])('%s: are not its response', async (_what, size, wait) => {
    const peer = await listening(served(size));
    const connection = peer.connection();
    await connection.request('GET', '/1');
    const response = await connection.getResponse();
    await wait(connection);
    expect((await response.read()).length).toBe(size);
    await connection.request('GET', '/2');
    const second = await connection.getResponse();
    expect(await second.text()).toBe('second');
    expect(peer.sockets).toHaveLength(2);
  });

  test('a request that waits for them when the connection is closed is not sent, and the next one is', async () => {
    const asked: string[] = [];
    const peer = await listening((socket, index) => {
      afterHead(socket, (request) => asked.push(request.split(' ')[1]!));
      served(READ)(socket, index);
    });
    const connection = peer.connection();
    await connection.request('GET', '/1');
    const response = await connection.getResponse();
    await response.read();
    const waiting = outcome(connection.request('GET', '/2'));
    connection.close();
    await connection.request('GET', '/3');
    const third = await connection.getResponse();
    expect(await third.text()).toBe('second');
    expect(await waiting).toMatchObject({ error: { code: 'HTTP_EXCEPTION', delivery: 'unsent' } });
    expect(asked).toEqual(['/1', '/3']);
  });

  test('with autoOpen off the request is rejected, and nothing was sent', async () => {
    const peer = await listening(served(READ));
    const connection = peer.connection({ autoOpen: false });
    await connection.connect();
    await connection.request('GET', '/1');
    const response = await connection.getResponse();
    await response.read();
    const { error } = await outcome(connection.request('GET', '/2'));
    // Which of the two depends on whether a read has brought them with the end of the body.
    const code = expect.stringMatching(/^HTTP_(EXCEPTION|NOT_CONNECTED)$/) as unknown;
    expect(error).toMatchObject({ code, delivery: 'unsent' });
    expect(connection.state).toBe('Idle');
    expect(peer.sockets).toHaveLength(1);
  });
});
