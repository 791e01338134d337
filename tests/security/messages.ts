import { HTTPConnection } from '@http-client/client';
import {
  afterRequest,
  afterWrite,
  scriptedConnector,
  scriptedTransport,
} from '@http-client/connection/testing';
import { expect } from 'vitest';

import {
  answered,
  CHUNKED,
  FORGED,
  HEAD,
  OK,
  outcome,
  post,
  refused,
  second,
  sent,
  type Attacks,
} from './stage.js';

/** Attacks by the bytes of a message: of a request, or of a response. */
export const MESSAGES: Attacks = {
  'a line end in a method, a target, a field or a trailer (request and header injection)': async () => {
    for (const end of ['\r\n', '\n', '\r', '\0']) {
      const evil = `a${end}Evil: 1`;
      const before = [refused('TypeError', 'InvalidURL'), ''];
      expect(await sent((connection) => connection.request(evil, '/'))).toEqual(before);
      expect(await sent((connection) => connection.request('GET', `/${evil}`))).toEqual(before);
      expect(await sent(post({ headers: { A: evil } }))).toEqual(before);
      expect(await sent(post({ headers: [[evil, 'b']] }))).toEqual(before);
      expect(await sent(post({ headers: { A: Buffer.from(evil) } }))).toEqual(before);
      expect(await sent(post({ headers: { Host: evil } }))).toEqual(before);
      const [name, written] = (await sent(post({ body: 'b', trailers: () => ({ A: evil }) }))) as [
        string,
        string,
      ];
      expect(name).toBe('TypeError');
      expect(written).not.toContain('Evil');
    }
    // Characters above U+00FF are refused, not reduced to their low byte, which here would be a line end.
    expect(await sent(post({ headers: { A: 'a\u010d\u010aEvil: 1' } }))).toEqual(['TypeError', '']);
    expect(await sent((connection) => connection.request('GET', '/\u560d\u560aEvil: 1'))).toEqual([
      'InvalidURL',
      '',
    ]);
  },

  'a line end in a host, or in what CONNECT says to a proxy': async () => {
    for (const evil of [
      ...['a\r\nEvil: 1', 'a\nEvil', 'a b', 'a\0', 'a/b', 'a@b', 'a?b', 'a#b'],
      // The end of a line to those who read a log, and the beginning of an escape sequence.
      ...['a\x85', 'a\u2028', 'a\x9b', 'fe80::1%\x85', 'fe80::1%\u2028', 'fe80::1%\x9b'],
    ]) {
      expect(await outcome(() => new HTTPConnection(evil))).toBe('InvalidURL');
      expect(
        await sent(async (connection) => {
          connection.setTunnel(evil, 443);
          await connection.connect();
        }),
      ).toEqual(['InvalidURL', '']);
    }
    expect(
      await sent(async (connection) => {
        connection.setTunnel('a.example', 443, { headers: { A: 'a\r\nEvil: 1' } });
        await connection.connect();
      }),
    ).toEqual(['TypeError', '']);
  },

  'a body of another length than its Content-Length, two lengths, and trailers that would frame the message (request smuggling)':
    async () => {
      const smuggled = 'hiGET /evil HTTP/1.1\r\nHost: a\r\n\r\n';
      const before = [refused('TypeError', 'RangeError'), ''];
      expect(await sent(post({ body: smuggled, headers: { 'Content-Length': 2 } }))).toEqual(before);
      expect(await sent(post({ body: smuggled, headers: { 'Content-Length': '2, 2' } }))).toEqual(before);
      expect(
        await sent(
          post({
            body: 'hi',
            headers: [
              ['Content-Length', '2'],
              ['content-length', '0'],
            ],
          }),
        ),
      ).toEqual(before);
      const late = post({
        body: [smuggled.slice(0, 2), smuggled.slice(2)],
        headers: { 'Content-Length': 2 },
      });
      const [name, written] = (await sent(late)) as [string, string];
      expect(name).toBe('RangeError');
      expect(written).not.toContain('evil');
      for (const field of ['Content-Length', 'Transfer-Encoding', 'Host']) {
        expect(await sent(post({ body: 'hi', trailers: () => ({ [field]: '0' }) }))).toEqual([
          'TypeError',
          expect.not.stringContaining(`${field}: 0`),
        ]);
      }
    },

  'several lengths, or one that recipients read differently: signs, blanks, underscores, above 2^53-1 (response smuggling)':
    async () => {
      for (const length of [
        '2\r\nContent-Length: 3',
        '2, 3',
        '+2',
        '-2',
        '0x2',
        '1_0',
        '2 2',
        '',
        '2,',
        '9007199254740992',
      ])
        expect(await answered([`${HEAD}Content-Length: ${length}\r\n\r\nhi`])).toBe('InvalidHeader');
    },

  'Transfer-Encoding beside Content-Length, or on HTTP/1.0': async () => {
    const body = 'Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n';
    expect(await answered([`${HEAD}Content-Length: 9\r\n${body}`])).toBe('hi (closed)');
    expect(await answered([`HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n${body}`])).toBe('hi (closed)');
  },

  'a coding that is not exactly `chunked`': async () => {
    for (const coding of [
      'gzip',
      'chunked, identity',
      'identity',
      'chunked, chunked',
      'xchunked',
      '"chunked"',
      ',chunked',
      '',
    ])
      expect(await answered([`${HEAD}Transfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`])).toBe(
        'UnknownTransferEncoding',
      );
    for (const coding of ['\x0bchunked', 'chun\0ked'])
      expect(await answered([`${HEAD}Transfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`])).toBe('InvalidHeader');
  },

  'field lines that recipients read differently: a bare CR, a NUL, a blank before the colon, no colon':
    async () => {
      for (const line of [
        'A: b\rContent-Length: 9',
        'A: \0',
        'Content-Length : 9',
        'A',
        ': a',
        'A\t: b',
        '\x0bA: b',
        'A(B): c',
      ])
        expect(await answered([`${HEAD}Content-Length: 2\r\n${line}\r\n\r\nhi`])).toBe('InvalidHeader');
      // A fold before the first field line continues nothing.
      expect(await answered([`${HEAD} Content-Length: 2\r\n\r\nhi`])).toBe('InvalidHeader');
    },

  'chunks that recipients read differently: signs, `0x`, underscores, a bare LF, a quoted string that is not closed, a size that wraps, a missing CRLF':
    async () => {
      for (const chunk of [
        '+2\r\nhi\r\n',
        '-2\r\nhi\r\n',
        '0x2\r\nhi\r\n',
        '0_2\r\nhi\r\n',
        '2\nhi\r\n',
        '2\r\nhi\n',
        '2\r\nhi',
        ' 2\r\nhi\r\n',
        '2;a\nb\r\nhi\r\n',
        '2;a="b\r\nhi\r\n',
        '10000000000000002\r\nhi\r\n',
        '\r\nhi\r\n',
      ])
        expect(await answered([`${CHUNKED}${chunk}0\r\n\r\n`])).toBe('InvalidChunk');
      expect(await answered([`${CHUNKED}2\r\nhi\r\n0\r\n\n`])).toBe('InvalidChunk');
    },

  'a response after a response (response splitting), or while no response is due (poisoned keep-alive)':
    async () => {
      expect(await second([OK + FORGED])).toBe('hi');
      expect(await second([OK, FORGED])).toBe('hi');
      expect(await second([`${CHUNKED}2\r\nhi\r\n0\r\n\r\n${FORGED}`])).toBe('hi');
      // Before any request was sent.
      const transports = [
        scriptedTransport([afterWrite(0), FORGED]),
        scriptedTransport([afterRequest(), OK]),
      ];
      const connection = new HTTPConnection('example.org', 80, { connector: scriptedConnector(transports) });
      await connection.connect();
      while (connection.reusable) await new Promise(setImmediate);
      await connection.request('GET', '/');
      expect(await (await connection.getResponse()).text()).toBe('hi');
    },

  'a body in a response that has none (HEAD, 204, 304), which would be taken for the next response':
    async () => {
      expect(await second([`${HEAD}Content-Length: ${FORGED.length}\r\n\r\n${FORGED}`], 'HEAD')).toBe('hi');
      for (const status of [204, 304]) {
        const head = `HTTP/1.1 ${status} x\r\nContent-Length: ${FORGED.length}\r\n\r\n`;
        expect(await second([head + FORGED])).toBe('hi');
      }
    },

  'a 101 that nobody asked for': async () => {
    expect(await answered([`HTTP/1.1 101 x\r\nUpgrade: x\r\n\r\n${FORGED}`])).toBe('HTTPException');
  },

  'lines and fields without end': async () => {
    expect(await answered([`HTTP/1.1 200 ${'a'.repeat(70_000)}`])).toBe('LineTooLong');
    expect(await answered([`${HEAD}A: ${'a'.repeat(70_000)}`])).toBe('LineTooLong');
    expect(await answered([HEAD + 'A: b\r\n'.repeat(101)])).toBe('TooManyHeaders');
    expect(await answered([`${HEAD}A: b\r\n${' c\r\n'.repeat(101)}`])).toBe('TooManyHeaders');
  },

  'interim responses without end, or that are too long together': async () => {
    expect(await answered(['HTTP/1.1 102 x\r\n\r\n'.repeat(101)])).toBe('HTTPException');
    const large = `HTTP/1.1 103 x\r\n${`A: ${'a'.repeat(65_000)}\r\n`.repeat(100)}\r\n`;
    expect(await answered([large, large, OK])).toBe('HTTPException');
  },

  'trailers and chunk extensions without end': async () => {
    expect(await answered([`${CHUNKED}0\r\n${'A: b\r\n'.repeat(101)}`])).toBe('TooManyHeaders');
    expect(await answered([`${CHUNKED}0\r\nA: ${'a'.repeat(70_000)}`])).toBe('LineTooLong');
    expect(await answered([`${CHUNKED}2;${'a'.repeat(70_000)}`])).toBe('LineTooLong');
  },
};
