import { IncompleteRead } from '@http-client/errors';
import { describe, expect, test } from 'vitest';

import type { HTTPResponse } from './index.js';
import { reset, type ScriptStep } from './testing.js';
import { chunked, framedScript, playOf } from './testdata/framed.js';
import { answer, attempted, bytes, fetched, head, rejection, stage, text } from './testdata/stage.js';

const BODY = 'one\ntwo, and a last line';

/** Reads with one call after another until one fails. Passes on what was returned before, and the error. */
type Reading = (response: HTTPResponse, delivered: string[]) => Promise<void>;

function repeated(call: (response: HTTPResponse) => Promise<Uint8Array>): Reading {
  return async (response, delivered) => {
    for (;;) {
      const part = text(await call(response));
      if (part === '') return;
      delivered.push(part);
    }
  };
}

function into(fill: (response: HTTPResponse, target: Uint8Array) => Promise<number>): Reading {
  return repeated(async (response) => {
    const target = new Uint8Array(5);
    return target.subarray(0, await fill(response, target));
  });
}

function once(call: (response: HTTPResponse) => Promise<unknown>): Reading {
  return async (response) => {
    await call(response);
  };
}

async function iterate(blocks: AsyncIterable<Uint8Array>, delivered: string[]): Promise<void> {
  for await (const block of blocks) delivered.push(text(block));
}

const readings: [name: string, reading: Reading][] = [
  ['read()', repeated((response) => response.read())],
  ['read(5)', repeated((response) => response.read(5))],
  ['read1()', repeated((response) => response.read1())],
  ['read1(5)', repeated((response) => response.read1(5))],
  ['readInto', into((response, target) => response.readInto(target))],
  ['readInto1', into((response, target) => response.readInto1(target))],
  ['readLine()', repeated((response) => response.readLine())],
  ['readLine(5)', repeated((response) => response.readLine(5))],
  ['bytes()', repeated((response) => response.bytes())],
  ['text()', once((response) => response.text())],
  ['json()', once((response) => response.json())],
  ['lines()', (response, delivered) => iterate(response.lines(), delivered)],
  ['for await', (response, delivered) => iterate(response, delivered)],
  ['body', (response, delivered) => iterate(response.body, delivered)],
  ['toWebResponse()', (response, delivered) => iterate(response.toWebResponse().body!, delivered)],
];

/** Truncated bodies: what arrives of them, and what is then missing according to the framing. */
const breaks: [name: string, script: ScriptStep[], came: string, expected: number | undefined][] = [
  ['by its length, at once', framedScript('length', BODY, { cut: 24 }), '', 24],
  ['by its length', framedScript('length', BODY, { cut: 10 }), BODY.slice(0, 14), 10],
  ['by its length, by one byte', framedScript('length', BODY, { cut: 1 }), BODY.slice(0, 23), 1],
  // Chunks of 9, 9 and 6 bytes: the last 12 bytes of the stream are the CRLF after the data, the size line `0`, and two
  // CRLF.
  ['in chunks, before the last one', framedScript('chunked', BODY, { chunk: 9, cut: 5 }), BODY, undefined],
  ['in chunks, before the blank line', framedScript('chunked', BODY, { chunk: 9, cut: 2 }), BODY, undefined],
  ['in chunks, before CRLF', framedScript('chunked', BODY, { chunk: 9, cut: 7 }), BODY, undefined],
  ['in chunks, inside the data', framedScript('chunked', BODY, { chunk: 9, cut: 9 }), BODY.slice(0, 22), 2],
  ['in chunks, before the data', framedScript('chunked', BODY, { chunk: 9, cut: 13 }), BODY.slice(0, 18), 6],
  [
    'in chunks, inside the size',
    framedScript('chunked', BODY, { chunk: 9, cut: 14 }),
    BODY.slice(0, 18),
    undefined,
  ],
];

describe.each(breaks)('a body %s', (_name, script, came, expected) => {
  for (const split of ['whole', 'bytes'] as const) {
    test.each(readings)(`rejects %s (split: ${split})`, async (_name, reading) => {
      const { response, connection, transport } = await fetched(script, playOf(split));
      const delivered: string[] = [];
      const error = await attempted(() => reading(response, delivered));
      expect(error).toBeInstanceOf(IncompleteRead);
      expect((error as IncompleteRead).expected).toBe(expected);
      expect(error).toMatchObject({ delivery: 'answered' });
      expect(delivered.join('') + text((error as IncompleteRead).partial)).toBe(came);
      expect((error as Error).message).toMatch(/^Cannot read the response body: /);

      expect(response.closed).toBe(true);
      expect(await response.read()).toHaveLength(0);
      expect(connection).toMatchObject({ state: 'Idle', reusable: false, transport: undefined });
      expect(transport.closed).toBe(true);
    });
  }

  test('rejects peek if nothing but the end is left', async () => {
    const { response } = await fetched(script);
    if (came !== '') {
      expect(text(await response.peek())).not.toBe('');
      expect(text(await response.read(came.length))).toBe(came);
    }
    const error = await rejection(response.peek());
    expect(error).toMatchObject({ code: 'HTTP_INCOMPLETE_READ', partial: bytes('') });
    expect(error['expected']).toBe(expected);
    expect(response.closed).toBe(true);
  });

  test('keeps peeked bytes for `partial`', async () => {
    const { response } = await fetched(script);
    if (came !== '') await response.peek();
    expect(text((await rejection(response.read()))['partial'] as Uint8Array)).toBe(came);
  });
});

describe('if `truncated-body` is tolerated', () => {
  const byLength = framedScript('length', BODY, { cut: 10 });
  const inChunks = framedScript('chunked', BODY, { chunk: 9, cut: 9 });
  const inSize = framedScript('chunked', BODY, { chunk: 9, cut: 14 });
  const missing: [name: string, script: ScriptStep[], came: string, detail: string][] = [
    ['by its length', byLength, BODY.slice(0, 14), '10 bytes are missing'],
    ['by its length, reset', [...byLength.slice(0, -1), reset()], BODY.slice(0, 14), '10 bytes are missing'],
    ['in chunks', inChunks, BODY.slice(0, 22), 'the stream ended 2 bytes before the end of a chunk'],
    [
      'in chunks, inside the size',
      inSize,
      BODY.slice(0, 18),
      'the stream ended before the blank line after the last chunk',
    ],
    ['to the end of the stream, reset', [head(), 'some', reset()], 'some', 'the stream broke off'],
  ];
  describe.each(missing)('a body %s', (_name, script, came, detail) => {
    test.each(readings.filter(([name]) => name !== 'json()' && name !== 'text()'))(
      'is what arrived, and is listed once: %s',
      async (_name, reading) => {
        const { response } = await fetched(script, { tolerate: ['truncated-body'] });
        const delivered: string[] = [];
        await reading(response, delivered);
        expect(delivered.join('')).toBe(came);
        expect(response.closed).toBe(true);
        const sent = script.map((step) => (typeof step === 'string' ? bytes(step) : step));
        const offset = Buffer.concat(sent.filter((step) => step instanceof Uint8Array)).length;
        expect(response.violations).toEqual([{ rule: 'truncated-body', offset, detail }]);
      },
    );
  });
});

describe('a reset', () => {
  const inside: [name: string, script: ScriptStep[]][] = [
    ['by its length', [head('Content-Length: 9'), 'some']],
    ['in chunks', [head('Transfer-Encoding: chunked'), '9\r\nsome']],
    ['to the end of the stream', [head(), 'some']],
  ];
  test.each(inside)('inside a body %s is its error, with what arrived', async (_name, script) => {
    const { response, transport } = await fetched([...script, reset()]);
    const error = await rejection(response.read());
    expect(error).toBeInstanceOf(IncompleteRead);
    expect(error).toMatchObject({ partial: bytes('some'), cause: { code: 'ECONNRESET' } });
    expect(transport.closed).toBe(true);
  });

  test.each([
    ['by its length', [answer('whole')]],
    ['in chunks', [head('Transfer-Encoding: chunked'), chunked(bytes('whole'), 5)]],
  ])('after a body %s is not an error', async (_name, script: ScriptStep[]) => {
    const { connection, transports } = stage([[...script, reset()], answer('again')]);
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(await response.text()).toBe('whole');
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(connection.reusable).toBe(false);
    await connection.request('GET', '/');
    expect(await (await connection.getResponse()).text()).toBe('again');
    expect(transports[0]!.closed).toBe(true);
  });
});
