import { describe, expect, test } from 'vitest';

import type { HTTPConnectionOptions, HTTPResponse } from './index.js';
import { afterRequest, afterWrite, END, type ScriptStep } from './testing.js';
import { moment } from './testdata/expect-stage.js';
import { answer, attempted, fetched, head, outcome, quiet, rejection, stage } from './testdata/stage.js';

describe('responses without a body, whatever their fields say', () => {
  const framing = [
    'Content-Length: 5',
    'Transfer-Encoding: chunked',
    'Content-Length: 7',
    'Transfer-Encoding: gzip',
  ];
  const rows: [method: string, status: number, closed: boolean][] = [
    ['HEAD', 200, true],
    ['HEAD', 404, true],
    ['GET', 204, true],
    ['GET', 304, true],
    ['POST', 204, true],
    ['GET', 205, false],
  ];
  // An interim head is not the response to a request: otherwise the methods would be shifted (CVE-2026-42584).
  const interim = 'HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n';
  const ways = [true, false].flatMap((strict) => ['', interim].map((before) => ({ strict, before })));
  describe.each(ways)('%j', ({ strict, before }) => {
    test.each(rows)('%s, %i', async (method, status, bodiless) => {
      const fields = bodiless ? framing : ['Content-Length: 0'];
      const start = `${before}HTTP/1.1 ${status} \r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;
      const { connection, transports } = stage([[start, afterRequest(), answer('next')]], { strict });
      await connection.request(method, '/');
      const response = await connection.getResponse();
      expect(response).toMatchObject({ status, closed: true, length: 0, willClose: false, chunked: false });
      expect(await response.read()).toHaveLength(0);
      expect(connection).toMatchObject({ state: 'Idle', reusable: true });
      await connection.request('GET', '/');
      const next = await connection.getResponse();
      expect(await next.text()).toBe('next');
      expect(transports[0]!.writes.length).toBe(2);
    });
  });

  test('HEAD, sent before the body of the previous response has been read', async () => {
    const { connection } = stage([
      [
        `${interim}HTTP/1.1 200 \r\nContent-Length: 4\r\n\r\nbody`,
        afterRequest(),
        `${interim}HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n`,
        afterRequest(),
        answer('next'),
      ],
    ]);
    await connection.request('GET', '/');
    const first = await connection.getResponse();
    await connection.request('HEAD', '/');
    expect(await first.text()).toBe('body');
    expect(await connection.getResponse()).toMatchObject({ closed: true, length: 0 });
    await connection.request('GET', '/');
    expect(await (await connection.getResponse()).text()).toBe('next');
  });

  test('methods are case-sensitive: "head" has a body', async () => {
    const { response } = await fetched(answer('body'), { method: 'head' });
    expect(await response.text()).toBe('body');
  });
});

describe('whether the connection is kept', () => {
  const strict: HTTPConnectionOptions = {};
  const lenient: HTTPConnectionOptions = { strict: false };
  const rows: [
    name: string,
    version: string,
    fields: string[],
    options: HTTPConnectionOptions,
    kept: boolean,
  ][] = [
    ['HTTP/1.1 keeps it', '1.1', [], strict, true],
    ['close closes it', '1.1', ['Connection: close'], strict, false],
    ['close in any case, among others', '1.1', ['Connection: Upgrade ,\tCLOSE'], strict, false],
    ['close in a second field', '1.1', ['Connection: Upgrade', 'connection: close'], strict, false],
    ['a token that only has it as a prefix', '1.1', ['Connection: closed, not-close'], strict, true],
    ['the same, as a substring', '1.1', ['Connection: closed, not-close'], lenient, false],
    ['close beside keep-alive', '1.1', ['Connection: keep-alive, close'], strict, false],
    ['HTTP/1.0 does not keep it', '1.0', [], strict, false],
    ['HTTP/1.0 with keep-alive keeps it', '1.0', ['Connection: Keep-Alive'], strict, true],
    ['HTTP/1.0 with only a Keep-Alive field', '1.0', ['Keep-Alive: timeout=5'], strict, false],
    ['the same, like the reference', '1.0', ['Keep-Alive: timeout=5'], lenient, true],
    ['HTTP/1.2 counts as 1.1', '1.2', [], strict, true],
    ['a transfer coding with a length', '1.1', ['Transfer-Encoding: chunked'], strict, false],
    ['the same, like the reference', '1.1', ['Transfer-Encoding: chunked'], lenient, true],
    [
      'a transfer coding on HTTP/1.0',
      '1.0',
      ['Connection: keep-alive', 'Transfer-Encoding: chunked'],
      strict,
      false,
    ],
  ];
  test.each(rows)('%s (%s %o)', async (_name, version, fields, options, kept) => {
    const chunked = fields.some((field) => field.startsWith('Transfer'));
    const start = [`HTTP/${version} 200 OK`, 'Content-Length: 4', ...fields, '', ''].join('\r\n');
    const body = chunked ? '4\r\nbody\r\n0\r\n\r\n' : 'body';
    const scripts = [[start + body, afterRequest(), answer('same')], [answer('another')]];
    const { connection, transports } = stage(scripts, options);
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(response.version).toBe(version === '1.0' ? 10 : 11);
    expect(response.willClose).toBe(!kept);
    expect(await response.text()).toBe('body');
    expect(connection.reusable).toBe(kept);
    expect(transports[0]!.closed).toBe(!kept);
    await connection.request('GET', '/');
    const next = await connection.getResponse();
    expect(await next.text()).toBe(kept ? 'same' : 'another');
  });
});

describe('a request that announces closing', () => {
  const rows: [name: string, fields: [string, string][], closes: boolean][] = [
    ['close', [['Connection', 'close']], true],
    ['in any case, among others', [['cONNECTION', 'Upgrade ,\tCLOSE ,x']], true],
    [
      'in a second field',
      [
        ['Connection', 'Upgrade'],
        ['Connection', 'close'],
      ],
      true,
    ],
    [
      'before another field',
      [
        ['Connection', 'close'],
        ['Connection', 'Upgrade'],
      ],
      true,
    ],
    ['a token that only has it as a prefix or suffix', [['Connection', 'closed, not-close']], false],
    ['another field', [['X-Connection', 'close']], false],
    ['keep-alive', [['Connection', 'keep-alive']], false],
  ];
  test.each(rows)(
    'is the last on its connection (RFC 9112, section 9.6): %s',
    async (_name, headers, closes) => {
      const { connection, connector } = stage([
        [answer('one'), afterRequest(), answer('two')],
        answer('two'),
      ]);
      await connection.request('GET', '/', { headers });
      const response = await connection.getResponse();
      expect(response.willClose).toBe(closes);
      expect(await response.text()).toBe('one');
      expect(connection.reusable).toBe(!closes);
      await connection.request('GET', '/');
      const next = await connection.getResponse();
      expect(next.willClose).toBe(false);
      expect(await next.text()).toBe('two');
      expect(connector.targets).toHaveLength(closes ? 2 : 1);
    },
  );

  test('so is one built step by step, with a folded value', async () => {
    const { connection } = stage([answer('one')]);
    connection.putRequest('GET', '/');
    connection.putHeader('Connection', 'Upgrade,', 'close');
    await connection.endHeaders();
    const response = await connection.getResponse();
    expect(response.willClose).toBe(true);
  });
});

describe('a response that announces closing', () => {
  const kinds: [name: string, script: ScriptStep[]][] = [
    ['by its length', [head('Content-Length: 8', 'Connection: close'), 'the ', 'body']],
    [
      'in chunks',
      [head('Transfer-Encoding: chunked', 'Connection: close'), '4\r\nthe \r\n4\r\nbody', '\r\n0\r\n\r\n'],
    ],
    ['to the end of the stream', [head(), 'the ', 'body', END]],
  ];
  test.each(kinds)(
    '%s owns the transport: it can be read after the connection was closed',
    async (_name, script) => {
      const { connection, transports } = stage([script]);
      await connection.request('GET', '/');
      const response = await connection.getResponse();
      expect(connection).toMatchObject({ state: 'Idle', reusable: false, transport: undefined });
      connection.close();
      expect(transports[0]!.closed).toBe(false);
      expect(await response.text()).toBe('the body');
      expect(transports[0]!.closed).toBe(true);
    },
  );

  test.each(
    kinds.flatMap(([name, script]) => ['last', 'first'].map((when) => [name, when, script] as const)),
  )('%s: the connection can open another at once, and it is read %s', async (_name, when, script) => {
    const { connection, transports, connector } = stage([script, [answer('second')]]);
    await connection.request('GET', '/1');
    const first = await connection.getResponse();
    await connection.request('GET', '/2');
    const second = await connection.getResponse();
    expect(connector.targets).toHaveLength(2);
    if (when === 'first') expect(await first.text()).toBe('the body');
    expect(await second.text()).toBe('second');
    if (when === 'last') expect(await first.text()).toBe('the body');
    expect(transports.map(({ closed }) => closed)).toEqual([true, false]);
    expect(connection.reusable).toBe(true);
  });

  test('closed early, closes its transport and no other', async () => {
    const { connection, transports } = stage([[head(), 'endless'], [answer('second')]]);
    await connection.request('GET', '/1');
    const first = await connection.getResponse();
    await connection.request('GET', '/2');
    first.close();
    expect(transports.map(({ closed }) => closed)).toEqual([true, false]);
    const second = await connection.getResponse();
    expect(await second.text()).toBe('second');
  });

  test('leaves its request to be sent on, until the connection is closed: of several, each that is still sending', async () => {
    const begun = afterWrite((sent) => sent.includes('begun'));
    const early = [begun, head('Content-Length: 5', 'Connection: close'), 'early'];
    const { connection, transports } = stage([early, early, early, early]);
    const [ends, never] = [moment(), moment()];
    async function* body(end: Promise<void>): AsyncGenerator<string, void> {
      yield 'begun';
      await end;
    }
    const uploads: Promise<unknown>[] = [];
    const responses: HTTPResponse[] = [];
    for (const { come } of [never, ends, never, never]) {
      // Before the last one: the second upload ends.
      if (uploads.length === 3) ends.now();
      uploads.push(attempted(() => connection.request('PUT', '/', { body: body(come) })));
      responses.push(await connection.getResponse());
    }
    connection.close();
    const closed = expect.stringMatching(/^HTTPException: Cannot send the request: .* was closed/) as string;
    const outcomes = await Promise.all(uploads.map(outcome));
    expect(outcomes.map(({ value }) => String(value))).toEqual([closed, 'undefined', closed, closed]);
    expect(outcomes.map(({ pending }) => pending)).toEqual(uploads.map(() => undefined));
    // The responses own their transports, and can be read.
    for (const response of responses) expect(await response.text()).toBe('early');
    expect(transports.map(({ closed }) => closed)).toEqual(uploads.map(() => true));
  });

  test('without a body closes at once', async () => {
    const { connection, transports } = stage([['HTTP/1.1 204 \r\nConnection: close\r\n\r\n']]);
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(response.closed).toBe(true);
    expect(transports[0]!.closed).toBe(true);
    expect(connection.state).toBe('Idle');
  });
});

describe('an unread response that does not announce closing', () => {
  test('ends with its connection, and reports it', async () => {
    const { connection } = stage([answer('body')]);
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    connection.close();
    for (let time = 0; time < 2; time++) {
      const error = await rejection(response.read());
      expect(error.message).toContain('was closed');
    }
    expect(response.closed).toBe(true);
  });

  test('keeps its transport if that cannot take another request', async () => {
    const { connection, connector, transports } = stage([[answer('first'), END], answer('second')]);
    await connection.request('GET', '/1');
    const first = await connection.getResponse();
    await quiet();
    expect(connection.reusable).toBe(false);
    await connection.request('GET', '/2');
    expect(connector.targets).toHaveLength(2);
    const second = await connection.getResponse();
    expect(await second.text()).toBe('second');
    expect(await first.text()).toBe('first');
    expect(transports[0]!.closed).toBe(true);
  });

  test('delays the next response, but only until it has been read', async () => {
    const { connection, connector } = stage([[answer('first'), afterRequest(), answer('second')]]);
    await connection.request('GET', '/1');
    const first = await connection.getResponse();
    await connection.request('GET', '/2');
    expect(await outcome(connection.getResponse())).toMatchObject({
      error: { code: 'HTTP_RESPONSE_NOT_READY' },
    });
    expect(await first.text()).toBe('first');
    const second = await connection.getResponse();
    expect(await second.text()).toBe('second');
    expect(connector.targets).toHaveLength(1);
  });
});
