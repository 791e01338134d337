import { InvalidURL } from '@http-client/errors';
import { HTTPMessage, type HeadersInput } from '@http-client/headers';
import { describe, expect, test } from 'vitest';

import { openTunnel, validateTunnel, type TunnelTarget } from './index.js';
import { Proxy, rejection } from './testdata/proxy.js';

/** What is written for a target, one entry per write. */
async function written(target: TunnelTarget): Promise<string[]> {
  const proxy = new Proxy(['HTTP/1.1 200 OK\r\n\r\n']);
  await openTunnel(proxy, target);
  return proxy.writes;
}

const hosts: [what: string, host: string, inAuthority: string][] = [
  ['a name', 'destination.com', 'destination.com'],
  ['a name with upper case', 'Destination.COM', 'Destination.COM'],
  ['a name with a trailing dot', 'destination.com.', 'destination.com.'],
  ['a name with an underscore', 'my_host.local', 'my_host.local'],
  ['a name of one label', 'localhost', 'localhost'],
  ['an IPv4 address', '192.0.2.7', '192.0.2.7'],
  ['an IPv6 address', '1:2:3::4', '[1:2:3::4]'],
  ['an IPv6 address in brackets', '[1:2:3::4]', '[1:2:3::4]'],
  ['an IPv6 address with an embedded IPv4 address', '::ffff:192.0.2.7', '[::ffff:192.0.2.7]'],
  ['an IPv6 address with a zone', 'fe80::1%eth0', '[fe80::1]'],
  ['an IPv6 address with an encoded zone, in brackets', '[fe80::1%25en1]', '[fe80::1]'],
  // Python 3.13: 'δπθ.gr'.encode('idna') is b'xn--pxaix.gr'.
  ['an internationalized name', 'δπθ.gr', 'xn--pxaix.gr'],
  ['one that is mapped first', 'BÜCHER.example', 'xn--bcher-kva.example'],
  ['one with an ideographic full stop', '例え。jp', 'xn--r8jz45g.jp'],
  ['one that is in ASCII already', 'xn--pxaix.gr', 'xn--pxaix.gr'],
];
const ports = [80, 443, 8888, 1, 65_535];

/** The caller's fields, and the lines to be sent for them; `*` stands for the target's authority. */
const fields: [what: string, headers: HeadersInput | undefined, lines: string[]][] = [
  ['no fields', undefined, ['Host: *']],
  ['an empty object', {}, ['Host: *']],
  ['one field', { 'User-Agent': 'Mozilla/5.0' }, ['Host: *', 'User-Agent: Mozilla/5.0']],
  ['its own Host, the same', [['Host', '*']], ['Host: *']],
  ['another Host, in capitals', { HOST: 'example.com:4200' }, ['HOST: example.com:4200']],
  ['another Host after other fields', { A: '1', host: 'b' }, ['A: 1', 'host: b']],
  [
    'fields in order, with duplicates',
    [
      ['X-Two', '1'],
      ['Proxy-Authorization', 'Basic eDp5'],
      ['x-two', '2'],
      ['X-Two', '1'],
    ],
    ['Host: *', 'X-Two: 1', 'Proxy-Authorization: Basic eDp5', 'x-two: 2', 'X-Two: 1'],
  ],
  ['several values', { 'X-List': ['a', 'b'], N: 5 }, ['Host: *', 'X-List: a', 'X-List: b', 'N: 5']],
  ['a message', new HTTPMessage([['X', 'y']]), ['Host: *', 'X: y']],
  ['a non-ASCII value, and an empty one', { X: 'caf\xe9', Y: '' }, ['Host: *', 'X: caf\xe9', 'Y: ']],
  [
    'names that merely resemble those that announce a body',
    {
      'X-Transfer-Encoding': 'a',
      'Transfer-Encodings': 'b',
      'X-Content-Length': '5',
      'Content-Length-2': '5',
    },
    [
      'Host: *',
      'X-Transfer-Encoding: a',
      'Transfer-Encodings: b',
      'X-Content-Length: 5',
      'Content-Length-2: 5',
    ],
  ],
  ['a Content-Length of zero', { 'Content-Length': 0 }, ['Host: *', 'Content-Length: 0']],
];

describe.each(hosts)('%s: %s', (_what, host, inAuthority) => {
  test.each(ports)('port %d, with any fields, in one write', async (port) => {
    for (const [what, headers, lines] of fields) {
      const authority = `${inAuthority}:${port}`;
      const own = lines.map((line) => (what.startsWith('its own') ? line : line.replace('*', authority)));
      const expected = `CONNECT ${authority} HTTP/1.1\r\n${own.join('\r\n')}\r\n\r\n`;
      expect(await written({ host, port, headers }), what).toEqual([expected]);
    }
  });
});

const ok = { host: 'destination.com', port: 80 };
const refused: [what: string, target: TunnelTarget, kind: new (...args: never) => Error][] = [
  ...['\r', '\n', '\r\nX: y', '\0', '\t', ' ', '\x7f', '\x01'].map((text): (typeof refused)[number] => [
    `${JSON.stringify(text)} in a name`,
    { ...ok, host: `destination${text}.com` },
    InvalidURL,
  ]),
  ...Array.from('/?#@\\[]<>^|"`{}', (text): (typeof refused)[number] => [
    `${text} in a name`,
    { ...ok, host: `a${text}b` },
    InvalidURL,
  ]),
  ...['/', '@', '?', ':'].map((text): (typeof refused)[number] => [
    `${text} in a name that IDNA changes`,
    { ...ok, host: `é${text}b` },
    InvalidURL,
  ]),
  ['CRLF in an IPv6 address', { ...ok, host: '::1\r\nX: y' }, InvalidURL],
  ['CRLF in a zone', { ...ok, host: 'fe80::1%eth0\r\nX: y' }, InvalidURL],
  ['an empty name', { ...ok, host: '' }, InvalidURL],
  ['empty brackets', { ...ok, host: '[]' }, InvalidURL],
  ['a host with a port in it', { ...ok, host: 'destination.com:80' }, InvalidURL],
  ['an IPv6 address with too many groups', { ...ok, host: '1:2:3:4:5:6:7:8:9' }, InvalidURL],
  ['an address with text after its brackets', { ...ok, host: '[::1]:80' }, InvalidURL],
  ['a character that IDNA maps to a slash', { ...ok, host: '℀.com' }, InvalidURL],
  ['a host that is not text', { ...ok, host: 5 as unknown as string }, TypeError],
  ['no host', { port: 80 } as TunnelTarget, TypeError],
  ['no target', undefined as never, TypeError],
  ['text instead of a target', 'destination.com:80' as never, TypeError],
  ...[-1, 0, 65_536, 1.5, NaN, Infinity, undefined, '80'].map((port): (typeof refused)[number] => [
    `port ${String(port)} (a ${typeof port})`,
    { ...ok, port: port as number },
    InvalidURL,
  ]),
  ...['\r', '\n', '\r\n', '\0', 'x\r\nEvil: 1', '\u{1f600}'].map((text): (typeof refused)[number] => [
    `${JSON.stringify(text)} in a value`,
    { ...ok, headers: { 'X-A': `a${text}` } },
    TypeError,
  ]),
  ...['', ' ', 'A B', 'A:', 'A\r\nB', 'A\n', 'é', '\0'].map((text): (typeof refused)[number] => [
    `${JSON.stringify(text)} as a name`,
    { ...ok, headers: [[text, 'x']] },
    TypeError,
  ]),
  ['CRLF in Host', { ...ok, headers: { Host: 'a\r\nB: c' } }, TypeError],
  ['fields that are a string', { ...ok, headers: 'X: y' as unknown as HeadersInput }, TypeError],
  ['a Content-Length', { ...ok, headers: { 'content-length': '5' } }, TypeError],
  ['two of them', { ...ok, headers: { 'Content-Length': ['0', '5'] } }, TypeError],
  ['a Transfer-Encoding', { ...ok, headers: { 'Transfer-Encoding': 'chunked' } }, TypeError],
];

test.each(refused)('refuses %s, and writes nothing', async (_what, target, kind) => {
  expect(() => {
    validateTunnel(target);
  }).toThrow(kind);
  const proxy = new Proxy();
  const error = await rejection(openTunnel(proxy, target));
  expect(error).toBeInstanceOf(kind);
  // Not the engine's words for a property of undefined.
  expect((error as Error).message).not.toMatch(/^Cannot (?:read|destructure) /);
  expect(proxy).toMatchObject({ writes: [], closed: true });
});

test('accepts a valid target', () => {
  expect(() => {
    validateTunnel({ ...ok, headers: { 'X-A': 'b' } });
  }).not.toThrow();
});

test('copies the fields', async () => {
  const headers = new HTTPMessage({ A: '1' });
  const proxy = new Proxy(['HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n'], ['HTTP/1.1 200 OK\r\n\r\n']);
  await openTunnel(proxy, { ...ok, headers }, { authenticate: () => ({ A: '2' }) });
  expect(headers.toJSON()).toEqual([['A', '1']]);
});
