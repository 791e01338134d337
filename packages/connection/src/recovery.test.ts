import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { connectTCP, HTTPConnection } from './index.js';
import { afterRequest, END, reset, type ScriptStep } from './testing.js';
import { afterHead, listening } from './testdata/sockets.js';
import { answer, head, outcome, rejection, stage } from './testdata/stage.js';

describe('after an error from getResponse', () => {
  const ok = head('Content-Length: 2');
  const rows: [name: string, script: ScriptStep[], options: object, code: string, delivery: string][] = [
    ['the end', [afterRequest(), END], {}, 'ECONNRESET', 'sent'],
    ['a reset', [afterRequest(), reset()], {}, 'ECONNRESET', 'sent'],
    ['a reset inside the head', [ok.slice(0, 20), reset('EPIPE')], {}, 'EPIPE', 'answered'],
    ['an end inside the head', [ok.slice(0, 20), END], {}, 'HTTP_INCOMPLETE_READ', 'answered'],
    ['an end inside the status line', [ok.slice(0, 5), END], {}, 'HTTP_INCOMPLETE_READ', 'answered'],
    ['an end after an interim response', ['HTTP/1.1 102 \r\n\r\n', END], {}, 'ECONNRESET', 'answered'],
    ['no status line', ['SSH-2.0\r\n'], {}, 'HTTP_BAD_STATUS_LINE', 'answered'],
    ['a line that is not a status line, truncated', ['SSH', END], {}, 'HTTP_BAD_STATUS_LINE', 'answered'],
    ['another protocol', ['HTTP/2.0 200 OK\r\n'], {}, 'HTTP_UNKNOWN_PROTOCOL', 'answered'],
    ['an invalid field name', [head('a b: c')], {}, 'HTTP_INVALID_HEADER', 'answered'],
    [
      'too many fields',
      [head('a: b', 'c: d')],
      { maxResponseHeaders: 1 },
      'HTTP_TOO_MANY_HEADERS',
      'answered',
    ],
    ['an invalid length', [head('Content-Length: -1')], {}, 'HTTP_INVALID_HEADER', 'answered'],
    [
      'an unknown transfer coding',
      [head('Transfer-Encoding: gzip')],
      {},
      'HTTP_UNKNOWN_TRANSFER_ENCODING',
      'answered',
    ],
    ['a 101 that nobody asked for', ['HTTP/1.1 101 \r\n\r\n'], {}, 'HTTP_EXCEPTION', 'answered'],
    ['silence', [afterRequest()], { timeout: 20 }, 'ETIMEDOUT', 'sent'],
  ];
  test.each(rows)(
    '%s: closed, Idle, and ready for another request',
    async (_name, script, options, code, delivery) => {
      const { connection, transports } = stage([script, [afterRequest(), answer('again')]], options);
      await connection.request('GET', '/');
      await expect(connection.getResponse()).rejects.toMatchObject({ code, delivery });
      expect(connection).toMatchObject({ state: 'Idle', reusable: false, transport: undefined });
      expect(transports[0]!.closed).toBe(true);
      connection.timeout = undefined;
      await connection.request('GET', '/');
      const response = await connection.getResponse();
      expect(await response.text()).toBe('again');
    },
  );

  test('its own signal’s reason: closed, Idle, and ready for another request', async () => {
    const { connection, transports } = stage([[afterRequest()], [afterRequest(), answer('again')]]);
    await connection.request('GET', '/');
    const controller = new AbortController();
    const getting = outcome(connection.getResponse({ signal: controller.signal }));
    controller.abort('why');
    expect(await getting).toEqual({ error: 'why' });
    expect(connection).toMatchObject({ state: 'Idle', reusable: false });
    expect(transports[0]!.closed).toBe(true);
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(await response.text()).toBe('again');
  });
});

test('a request that was closed while it waited for its turns leaves the upload of the next one alone', async () => {
  const { port } = await listening((socket) => {
    afterHead(socket, () => socket.write(answer('first')));
  });
  const { transports, connector } = stage([[afterRequest(), answer('third')]]);
  const peer = await connectTCP({ host: '127.0.0.1', port });
  let isFirst = true;
  const connection = new HTTPConnection('127.0.0.1', port, {
    connector: (target) => {
      if (!isFirst) return connector(target);
      isFirst = false;
      return Promise.resolve(peer);
    },
  });
  await connection.request('GET', '/first');
  expect(await (await connection.getResponse()).text()).toBe('first');
  // After a while without a read, what the system may have received is looked for first.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1000 });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const waiting = rejection(connection.request('GET', '/second'));
  connection.close();
  async function* blocks(): AsyncGenerator<string> {
    yield 'begun ';
    expect(await waiting).toMatchObject({ code: 'HTTP_EXCEPTION', delivery: 'unsent' });
    yield 'and ended';
  }
  await connection.request('PUT', '/third', { body: blocks() });
  expect(await (await connection.getResponse()).text()).toBe('third');
  expect(transports[0]!.writtenText).toContain('and ended');
});
