import {
  IncompleteRead,
  InvalidChunk,
  InvalidHeader,
  TimeoutError,
  TunnelError,
  UnknownTransferEncoding,
} from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { openTunnel, type OpenTunnelOptions } from './index.js';
import { END, Proxy, rejection, RESET, split, type Step } from './testdata/proxy.js';

const target = { host: 'destination.com', port: 443 };

/** The refusal that results from these steps. Time advances only when there is nothing else to wait for. */
async function refusal(steps: readonly Step[], options?: OpenTunnelOptions): Promise<TunnelError> {
  const proxy = new Proxy(steps);
  const refused = rejection(openTunnel(proxy, target, options));
  await vi.runAllTimersAsync();
  const error = await refused;
  expect(error).toBeInstanceOf(TunnelError);
  expect(proxy.closed).toBe(true);
  return error as TunnelError;
}

beforeEach(() => {
  vi.useFakeTimers();
  // The clock has already advanced, as it has wherever a tunnel is opened in practice.
  vi.advanceTimersByTime(60_000);
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

interface Row {
  what: string;
  head: string;
  body?: string;
  /** What is kept of the body, if that is not all of it. */
  kept?: string;
  end?: Step;
  cause?: unknown;
  options?: OpenTunnelOptions;
}

const refused = 'HTTP/1.1 403 Forbidden\r\n';
const long = 'x'.repeat(65_536);
const silence = expect.objectContaining({ code: 'ETIMEDOUT', phase: 'tunnel' }) as unknown;
const of = (kind: new (...args: never) => Error): unknown => expect.any(kind);

const rows: Row[] = [
  { what: 'a length', head: 'Content-Length: 9\r\n', body: 'forbidden' },
  { what: 'a length of zero', head: 'Content-Length: 0\r\n' },
  { what: 'a length, followed by more bytes', head: 'Content-Length: 3\r\n', body: 'forbidden', kept: 'for' },
  {
    what: 'chunks',
    head: 'Transfer-Encoding: chunked\r\n',
    body: '3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: x\r\n\r\n',
    kept: 'abcde',
  },
  { what: 'the end of the stream', head: '', body: 'forbidden', end: END },
  { what: 'the end of the stream, at once', head: '', end: END },
  {
    what: 'a length, truncated',
    head: 'Content-Length: 9\r\n',
    body: 'forb',
    end: END,
    cause: of(IncompleteRead),
  },
  {
    what: 'chunks, truncated',
    head: 'Transfer-Encoding: chunked\r\n',
    body: '9\r\nforb',
    kept: 'forb',
    end: END,
    cause: of(IncompleteRead),
  },
  { what: 'a length, reset', head: 'Content-Length: 9\r\n', body: 'forb', end: RESET, cause: RESET },
  {
    what: 'chunks, reset',
    head: 'Transfer-Encoding: chunked\r\n',
    body: '9\r\nforb',
    kept: 'forb',
    end: RESET,
    cause: RESET,
  },
  { what: 'a reset', head: '', body: 'forb', end: RESET, cause: RESET },
  { what: 'a length, and then silence', head: 'Content-Length: 9\r\n', body: 'forb', cause: silence },
  { what: 'silence where a FIN is due', head: '', body: 'forbidden', cause: silence },
  { what: 'silence', head: 'Content-Length: 9\r\n', cause: silence },
  { what: 'silence, with time left', head: '', cause: silence, options: { timeout: 60_000 } },
  {
    what: 'broken chunks',
    head: 'Transfer-Encoding: chunked\r\n',
    body: '3\r\nabc\r\nx\r\n',
    kept: 'abc',
    cause: of(InvalidChunk),
  },
  {
    what: 'chunks that a tolerated rule allows',
    head: 'Transfer-Encoding: chunked\r\n',
    body: '3\nabc\n0\n\n',
    kept: 'abc',
    options: { tolerate: ['bare-lf-in-chunks'] },
  },
  {
    what: 'chunks that the reference accepts',
    head: 'Transfer-Encoding: chunked\r\n',
    body: '0x3\r\nabcXX0\r\n\r\n',
    kept: 'abc',
    options: { strict: false },
  },
  {
    what: 'another transfer coding',
    head: 'Transfer-Encoding: gzip\r\n',
    body: 'abc',
    kept: '',
    cause: of(UnknownTransferEncoding),
  },
  {
    what: 'an invalid length',
    head: 'Content-Length: x\r\n',
    body: 'abc',
    kept: '',
    cause: of(InvalidHeader),
  },
  { what: 'a length of as much as is kept', head: 'Content-Length: 65536\r\n', body: long },
  { what: 'a longer one', head: 'Content-Length: 65537\r\n', body: `${long}y`, kept: long },
  { what: 'a huge one', head: 'Content-Length: 9007199254740991\r\n', body: long.repeat(3), kept: long },
  { what: 'one without end', head: '', body: long.repeat(3), kept: long },
  {
    what: 'chunks without end',
    head: 'Transfer-Encoding: chunked\r\n',
    body: `ffff\r\n${long.slice(1)}\r\n`.repeat(3),
    kept: long,
  },
  {
    what: 'small chunks without end',
    head: 'Transfer-Encoding: chunked\r\n',
    body: '1\r\nx\r\n'.repeat(70_000),
    kept: long,
  },
  {
    what: 'chunks that are mostly extensions',
    head: 'Transfer-Encoding: chunked\r\n',
    body: `1;${'y'.repeat(9999)}\r\nx\r\n`.repeat(99),
    kept: expect.stringMatching(/^x{50,60}$/) as string,
  },
  {
    what: 'trailers without end',
    head: 'Transfer-Encoding: chunked\r\n',
    body: `1\r\nx\r\n0\r\n${'T: x\r\n'.repeat(101)}`,
    kept: 'x',
    cause: expect.objectContaining({ code: 'HTTP_TOO_MANY_HEADERS' }),
  },
];

test.each(rows)('a body by $what', async ({ head, body = '', kept = body, end, cause, options }) => {
  const whole = `${refused}X-Why: none\r\n${head}\r\n${body}`;
  // Large ones in blocks of the size that a socket reads.
  const inBlocks = split(whole, whole.length > 1000 ? 16_384 : 1);
  for (const blocks of whole.length > 500_000 ? [inBlocks] : [[whole], inBlocks]) {
    const error = await refusal([...blocks, ...(end === undefined ? [] : [end])], options);
    expect(error).toMatchObject({ status: 403, reason: 'Forbidden', name: 'TunnelError' });
    expect(error.message).toBe(
      'Cannot open a tunnel to "destination.com:443": the proxy refused it with "403 Forbidden"',
    );
    expect(error.headers.get('x-why')).toBe('none');
    expect(decodeLatin1(error.body)).toEqual(kept);
    expect(error.body.buffer.byteLength).toBe(error.body.length);
    if (cause === undefined) expect('cause' in error).toBe(false);
    else expect(error.cause).toEqual(cause);
  }
});

test.each([101, 300, 301, 304, 400, 401, 403, 404, 405, 407, 429, 500, 502, 503, 504, 999])(
  'a %d refuses',
  async (status) => {
    const error = await refusal([`HTTP/1.1 ${status} \r\nContent-Length: 0\r\n\r\n`]);
    expect(error).toMatchObject({ status, reason: '', body: new Uint8Array(0) });
    expect(error.message).toContain(`with "${status}"`);
  },
);

test('a refusal may follow interim replies', async () => {
  const error = await refusal([
    `HTTP/1.1 102 Processing\r\nX-Why: y\r\n\r\n${refused}Content-Length: 0\r\n\r\n`,
  ]);
  expect([...error.headers]).toEqual([['Content-Length', '0']]);
});

describe('a body that does not arrive', () => {
  const steps = [`${refused}Content-Length: 9\r\n\r\n`];

  test.each([
    ['a second', undefined, 1000],
    ['a second', 5000, 1000],
    ['the remaining time', 300, 300],
  ])('is waited for for %s, with a timeout of %s', async (_what, timeout, expected) => {
    const error = rejection(openTunnel(new Proxy(steps), target, { timeout }));
    let settled = false;
    void error.then(() => (settled = true));
    await vi.advanceTimersByTimeAsync(expected - 1);
    expect(settled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toBe(true);
    expect(await error).toMatchObject({ status: 403, cause: { code: 'ETIMEDOUT', phase: 'tunnel' } });
    expect(((await error) as TunnelError).cause).toBeInstanceOf(TimeoutError);
  });

  test('is waited for no longer than the whole reply may take', async () => {
    const proxy = new Proxy();
    const error = rejection(openTunnel(proxy, target, { timeout: 300 }));
    await vi.advanceTimersByTimeAsync(299);
    proxy.push(steps[0]!);
    await vi.advanceTimersByTimeAsync(1);
    expect(await error).toBeInstanceOf(TunnelError);
  });

  test('is no longer waited for once the signal is aborted', async () => {
    const controller = new AbortController();
    const reason = { why: 'enough' };
    const proxy = new Proxy(steps);
    const error = rejection(openTunnel(proxy, target, { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(500);
    controller.abort(reason);
    expect(await error).toBe(reason);
    expect(proxy.closed).toBe(true);
  });
});
