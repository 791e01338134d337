import {
  BadStatusLine,
  HTTPException,
  IncompleteRead,
  LineTooLong,
  RemoteDisconnected,
} from '@http-client/errors';
import { encodeLatin1, decodeLatin1, Input } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { HeadReader, type HeadRules } from './index.js';

const RULES: HeadRules = { strict: true, tolerate: [], maxResponseHeaders: 100, maxInterimResponses: 2 };
const LENIENT: HeadRules = { ...RULES, strict: false };

interface Reading {
  /** Status, reason and fields of each head; `shown` has its bytes, as passed to the tap. */
  heads: [number, string, [string, string][]][];
  shown: string[];
  rest: string;
  violations: [rule: string, offset: number][];
}

/**
 * Reads heads up to the first that is not interim, from blocks of `size` bytes. Then the stream ends, perhaps by an
 * error. After what has arrived, a block contains older bytes, like the block that all sockets share.
 */
function read(text: string, size: number, rules: HeadRules = RULES, failure?: Error, older = ''): Reading {
  const input = new Input();
  const reader = new HeadReader(rules);
  const reading: Reading = { heads: [], shown: [], rest: '', violations: [] };
  const tap = {
    receivedHead: (bytes: Uint8Array, start: number, end: number) =>
      reading.shown.push(decodeLatin1(bytes, start, end)),
  };
  for (let at = 0; ;) {
    const head = reader.next(input, tap);
    if (head !== undefined) {
      reading.heads.push([head.status, head.reason, head.headers.toJSON()]);
      if (reader.isInterim(head.status)) continue;
      expect(reader.interim).toHaveLength(reading.heads.length - 1);
      reading.rest = decodeLatin1(input.bytes, input.start, input.end) + text.slice(at);
      reading.violations = reader.violations.map(({ rule, offset }) => [rule, offset]);
      return reading;
    }
    expect(input.ended).toBe(false);
    input.settle();
    const count = Math.min(size, text.length - at);
    const block = encodeLatin1(text.slice(at, at + count) + older);
    at += count;
    if (count > 0) input.add(block, count, false);
    else {
      input.ended = true;
      input.failure = failure;
    }
  }
}

const sizes = (text: string): number[] =>
  text.length > 1000 ? [text.length, 1000] : [text.length, 1, 2, 3, 7];

const EARLY = 'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nA: b\r\n\r\n';

describe('a head', () => {
  test.each<[what: string, text: string, rules: HeadRules, expected: Partial<Reading>]>([
    ['alone', OK, RULES, { heads: [[200, 'OK', [['A', 'b']]]], shown: [OK], rest: '' }],
    ['with a body after it', `${OK}body`, RULES, { shown: [OK], rest: 'body' }],
    ['ended by LF', 'HTTP/1.0 404\nA: b\n\nx', RULES, { heads: [[404, '', [['A', 'b']]]], rest: 'x' }],
    [
      'after interim ones',
      `${EARLY}HTTP/1.1 199 \r\n\r\n${OK}`,
      RULES,
      {
        heads: [
          [103, 'Early Hints', [['Link', 'a']]],
          [199, '', []],
          [200, 'OK', [['A', 'b']]],
        ],
        shown: [EARLY, 'HTTP/1.1 199 \r\n\r\n', OK],
      },
    ],
    ['of 101, which is final', `HTTP/1.1 101 \r\n\r\n${OK}`, RULES, { heads: [[101, '', []]], rest: OK }],
    [
      'with a fold, listed where it is in the stream',
      `${EARLY}HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n`,
      RULES,
      { violations: [['obsolete-fold', EARLY.length + 'HTTP/1.1 200 OK\r\nA: b\r\n'.length]] },
    ],
    [
      'truncated in its fields, leniently',
      'HTTP/1.1 200 OK\r\nA: b',
      LENIENT,
      { heads: [[200, 'OK', [['A', 'b']]]] },
    ],
    ['truncated in its status line, leniently', 'HTTP/1.1 200 O', LENIENT, { heads: [[200, 'O', []]] }],
  ])('%s', (_what, text, rules, expected) => {
    for (const size of sizes(text)) expect(read(text, size, rules)).toMatchObject(expected);
    // Older bytes after an incomplete head are not part of it, whatever they would make of it.
    for (let size = 1; size <= text.length; size++) {
      const apart = read(text, size, rules);
      for (const older of ['x', ':', ' ', '\t', '\0', '\r', '\n', '\r\n', '\n\n', ': x\r\n\r\n', '\x7f'])
        expect(read(text, size, rules, undefined, older.repeat(9))).toEqual(apart);
    }
  });

  const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  const epipe = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });

  test.each<[what: string, text: string, kind: unknown, fields?: object, failure?: Error]>([
    [
      'nothing',
      '',
      RemoteDisconnected,
      { message: expect.stringContaining('before one byte of it') as string },
    ],
    ['nothing, then a failed write', '', RemoteDisconnected, { cause: epipe }, epipe],
    ['nothing but a reset', '', Error, reset, reset],
    [
      'only an interim head',
      EARLY,
      RemoteDisconnected,
      { message: expect.stringContaining('after an interim response') as string },
    ],
    ['a piece of a status line', 'HTT', IncompleteRead, { partial: encodeLatin1('HTT') }],
    ['a piece of a field', 'HTTP/1.1 200 OK\r\nA', IncompleteRead],
    ['a reset in the fields', 'HTTP/1.1 200 OK\r\nA', Error, reset, reset],
    ['a truncated line that is not a status line', 'SSH-2.0', BadStatusLine, { line: 'SSH-2.0' }],
    ['one that is none from its 7th character on', 'HTTP/1x', BadStatusLine, { line: 'HTTP/1x' }],
    ['a bare CR before the line ending', 'HTTP/1.1 200 OK\r\r\n\r\n', BadStatusLine],
    ['a status line without end', `HTTP/1.1 200 ${'x'.repeat(65_536)}`, LineTooLong, { limit: 65_536 }],
    ['three interim heads, if two are allowed', EARLY.repeat(3) + OK, HTTPException],
  ])('is rejected for %s', (_what, text, kind, fields = {}, failure) => {
    for (const size of sizes(text)) {
      let error: unknown;
      try {
        read(text, size || 1, RULES, failure);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(kind);
      expect(error).toMatchObject(fields);
    }
  });

  test('is rejected as soon as its status line is certain to be too long', () => {
    const begun = `HTTP/1.1 200 ${'x'.repeat(65_535)}`;
    const upTo = (length: number, end = ''): unknown => {
      const input = new Input();
      input.add(encodeLatin1(begun.slice(0, length) + end), length + end.length, true);
      return new HeadReader(RULES).next(input);
    };
    expect(upTo(65_535)).toBeUndefined();
    expect(upTo(65_535, '\n')).toBeUndefined();
    expect(upTo(65_535, '\nA: b\n\n')).toMatchObject({ status: 200 });
    expect(() => upTo(65_536)).toThrow(LineTooLong);
    expect(() => upTo(65_536)).toThrow(
      `status line of more than 65536 bytes: "HTTP/1.1 200 ${'x'.repeat(27)}…"`,
    );
    expect(() => upTo(65_536, '\n')).toThrow(LineTooLong);
  });

  test('is rejected if the interim ones before it are together longer than one may be', () => {
    const rules = { ...RULES, maxResponseHeaders: 0 };
    const interim = (length: number): string => `HTTP/1.1 103 ${'x'.repeat(length)}\r\n\r\n`;
    const final = 'HTTP/1.1 200 OK\r\n\r\n';
    const fits = interim(32_751).repeat(2);
    expect(fits).toHaveLength(65_536);
    expect(read(fits + final, 1000, rules).heads).toHaveLength(3);
    expect(() => read(interim(32_751) + interim(32_752) + final, 1000, rules)).toThrow(
      'longer than 65536 bytes',
    );
  });

  // A copy of the list for each of them would be quadratic work if the limit is raised.
  test.each<[what: string, interim: string, fields: number, violations: number]>([
    ['alone', 'HTTP/1.1 100\r\n\r\n', 0, 0],
    ['with something tolerated in each', 'HTTP/1.1 100\r\nA:\r\n \r\n\r\n', 1, 1],
  ])('adds many interim ones to the list that there is: %s', (_what, interim, ...each) => {
    const count = 1000;
    const reader = new HeadReader({ ...RULES, maxResponseHeaders: 1000, maxInterimResponses: count });
    const input = new Input();
    const bytes = encodeLatin1(interim.repeat(count) + OK);
    input.add(bytes, bytes.length, true);
    const lists = new Set<unknown>();
    let head = reader.next(input);
    for (; head !== undefined && reader.isInterim(head.status); head = reader.next(input))
      lists.add(reader.interim).add(reader.violations);
    expect(head).toMatchObject({ status: 200 });
    expect(lists.size).toBe(2);
    expect(reader.interim).toHaveLength(count);
    expect([reader.interim.at(-1)!.headers.size, reader.violations.length / count]).toEqual(each);
    // Later ones are not added to a list that was handed out.
    const { interim: before } = reader;
    reader.reset();
    expect([before.length, reader.interim]).toEqual([count, []]);
  });

  // The last status line is kept, since a server sends the same one again and again.
  test('with a different status line than the last is parsed like the first, whatever byte differs', () => {
    const before = 'HTTP/1.1 200 OK\r\n';
    const last = (...lines: string[]): unknown => {
      const input = new Input();
      const reader = new HeadReader(RULES);
      let outcome: unknown;
      for (const line of lines) {
        const text = `${line}A: b\r\n\r\n`;
        reader.reset();
        input.add(encodeLatin1(text), text.length, true);
        try {
          outcome = reader.next(input);
        } catch (error) {
          outcome = error;
        }
      }
      return outcome;
    };
    for (let at = 0; at < before.length; at++) {
      for (const other of ['1', 'X', ' ', '\r', '\n'].filter((byte) => byte !== before[at])) {
        const line = before.slice(0, at) + other + before.slice(at + 1);
        expect(last(before, line)).toEqual(last(line));
      }
      const shorter = before.slice(0, at) + before.slice(at + 1);
      expect(last(before, shorter)).toEqual(last(shorter));
    }
    expect(last('HTTP/1.1 200 OK\n', before)).toEqual(last(before));
  });

  test('is parsed afresh after a reset', () => {
    const input = new Input();
    const reader = new HeadReader(RULES, (status) => status === 100);
    const add = (text: string): void => {
      input.add(encodeLatin1(text), text.length, true);
    };
    add('HTTP/1.1 200 OK\r\nA');
    expect(reader.next(input)).toBeUndefined();
    input.consume(input.length);
    reader.reset();
    add(EARLY);
    expect(reader.next(input)).toMatchObject({ status: 103, line: 'HTTP/1.1 103 Early Hints\r\n' });
    expect(reader.interim).toEqual([]);
  });

  test('has nothing of the response before a reset: neither its violations nor the length of its interim ones', () => {
    const input = new Input();
    const reader = new HeadReader({ ...RULES, maxResponseHeaders: 2 });
    const interim = `HTTP/1.1 103 ${'x'.repeat(60_000)}\r\n\r\n`;
    const text = `${interim}${interim}HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n`;
    for (let round = 0; round < 2; round++) {
      reader.reset();
      input.add(encodeLatin1(text), text.length, true);
      const statuses = [1, 2, 3].map(() => reader.next(input)?.status);
      expect([statuses, reader.violations.length]).toEqual([[103, 103, 200], 1]);
    }
  });
});
