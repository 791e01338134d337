import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { describe, expect, test } from 'vitest';

import { afterRequest, END, type ScriptStep } from './testing.js';
import { answer, fetched, head, outcome, quiet, rejection, stage, text } from './testdata/stage.js';

/** An endless body, in blocks of 1 KiB. */
function* endless(): Generator<ScriptStep> {
  yield head();
  for (;;) yield new Uint8Array(1024);
}

const READ_AHEAD = 65_536;

describe('body, as a web stream', () => {
  test('is the same at each access', async () => {
    const { response } = await fetched(answer('body'));
    expect(response.body).toBe(response.body);
    expect(response.body).toBeInstanceOf(ReadableStream);
  });

  test('reads nothing in advance, except a limited amount', async () => {
    const { response, transport } = await fetched(endless());
    const reader = response.body.getReader();
    for (let turn = 0; turn < 20; turn++) await quiet();
    // The reads that returned a block, and one that is pending or was left.
    expect(transport.reads).toBeLessThanOrEqual(READ_AHEAD / 1024 + 2);
    const { value } = await reader.read();
    expect(value!.length).toBeGreaterThan(0);
    expect(value!.length).toBeLessThanOrEqual(READ_AHEAD);
    const { reads } = transport;
    for (let turn = 0; turn < 20; turn++) await quiet();
    expect(transport.reads - reads).toBeLessThanOrEqual(READ_AHEAD / 1024 + 2);
    await reader.cancel();
  });

  test('closes the response, and the connection, when it is cancelled', async () => {
    const { response, transport } = await fetched(endless());
    const reader = response.body.getReader();
    await reader.read();
    await reader.cancel('enough');
    expect(response.closed).toBe(true);
    expect(transport.closed).toBe(true);
    expect(await reader.read()).toEqual({ done: true, value: undefined });
  });

  test('may be cancelled while it waits', async () => {
    const { response, transport } = await fetched([head('Content-Length: 5')]);
    const reader = response.body.getReader();
    const reading = outcome(reader.read());
    expect(await reading).toEqual({ pending: true });
    await reader.cancel();
    expect(transport.closed).toBe(true);
  });

  // Node's own pipeline from an iterable, such as the response, would wait for the next block.
  test('ends a pipeline that is given up while it waits, through Readable.fromWeb', async () => {
    const { response, transport } = await fetched([head('Content-Length: 5')]);
    const source = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    const destination = new PassThrough();
    const piping = rejection(pipeline(source, destination));
    expect(await outcome(piping)).toEqual({ pending: true });
    const gone = new Error('gone');
    destination.destroy(gone);
    expect(await piping).toBe(gone);
    expect(response.closed).toBe(true);
    expect(transport.closed).toBe(true);
  });

  test('returns the rest of a partly read body, and leaves what it does not read', async () => {
    const { response } = await fetched([head('Content-Length: 15'), 'one\ntwo\n', 'and the', END]);
    await response.readLine();
    const reader = response.body.getReader();
    expect(text((await reader.read()).value!)).toBe('two\n');
    reader.releaseLock();
    expect(text(await response.read())).toBe('and the');
  });

  test('fails with the body’s error', async () => {
    const { response } = await fetched([head('Content-Length: 5'), 'one', END]);
    const reader = response.body.getReader();
    expect(text((await reader.read()).value!)).toBe('one');
    expect(await rejection(reader.read())).toMatchObject({ code: 'HTTP_INCOMPLETE_READ', expected: 2 });
  });
});

describe('toWebResponse()', () => {
  test('has the status, the reason, the fields and the body', async () => {
    const fields = ['Content-Type: text/plain', 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'X: 1', 'x: 2'];
    const { response } = await fetched(answer('body', ...fields).replace('200 OK', '404 Gone \xe9'));
    const web = response.toWebResponse();
    expect(web).toBeInstanceOf(Response);
    expect([web.status, web.statusText, web.ok]).toEqual([404, 'Gone \xe9', false]);
    expect(web.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(web.headers.get('X')).toBe('1, 2');
    expect(await web.text()).toBe('body');
    expect(response.closed).toBe(true);
  });

  test.each([204, 205, 304])('of a %i has no body', async (status) => {
    const { response, connection } = await fetched(`HTTP/1.1 ${status} \r\nContent-Length: 0\r\n\r\n`);
    const web = response.toWebResponse();
    expect([web.status, web.body]).toEqual([status, null]);
    expect(connection.reusable).toBe(true);
  });

  test.each(['Content-Length: 4\r\n\r\nbody', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n', '\r\nbody'])(
    'of a 205 with a body discards it, so that the next response can be read: %j',
    async (rest) => {
      const { connection, transports } = stage([
        [afterRequest(), `HTTP/1.1 205 \r\n${rest}`],
        [afterRequest(), answer('next')],
      ]);
      await connection.request('GET', '/');
      const response = await connection.getResponse();
      expect(response.toWebResponse().body).toBeNull();
      expect([response.closed, transports[0]!.closed]).toEqual([true, true]);
      await connection.request('GET', '/');
      expect(await (await connection.getResponse()).text()).toBe('next');
    },
  );

  test('of a response to HEAD has an empty body', async () => {
    const { response } = await fetched(head('Content-Length: 10'), { method: 'HEAD' });
    expect(await response.toWebResponse().text()).toBe('');
  });

  test.each([600, 999])('of a %i is not supported by the web API: a RangeError', async (status) => {
    const { response } = await fetched(answer('body').replace('200', String(status)));
    expect(() => response.toWebResponse()).toThrow(RangeError);
    expect(await response.text()).toBe('body');
  });

  test('of a 101 is not supported either', async () => {
    const request = { headers: { Connection: 'Upgrade', Upgrade: 'x' } };
    const { response } = await fetched('HTTP/1.1 101 \r\n\r\n', { request });
    expect(() => response.toWebResponse()).toThrow(RangeError);
  });
});

describe('the fields of a response', () => {
  test('are available, by their deprecated names, too', async () => {
    const { response } = await fetched(answer('body', 'A: 1', 'B: 2', 'a: 3'));
    expect(response).toMatchObject({ version: 11, status: 200, reason: 'OK', url: 'http://example.org/' });
    expect(response.msg).toBe(response.headers);
    // They are marked deprecated, so they are called by name only, to avoid the warnings.
    const older = response as unknown as Record<'info' | 'geturl' | 'getcode', () => unknown>;
    expect(older.info()).toBe(response.headers);
    expect(older.geturl()).toBe(response.url);
    expect(older.getcode()).toBe(200);
    expect(response.getHeader('a')).toBe('1, 3');
    expect(response.getHeader('none')).toBeUndefined();
    expect(response.getHeader('none', 'a fallback')).toBe('a fallback');
    expect(response.getHeader('none', ['several', 'of them'])).toBe('several, of them');
    expect(response.getHeader('b', 'a fallback')).toBe('2');
    expect(response.getHeaders()).toEqual([
      ['Content-Length', '4'],
      ['A', '1'],
      ['B', '2'],
      ['a', '3'],
    ]);
    expect(response.fileno()).toBe(-1);
    expect(response.trailers).toBeUndefined();
    expect(response.violations).toEqual([]);
  });
});
