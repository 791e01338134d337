import { InvalidURL } from '@http-client/errors';
import { describe, expect, test } from 'vitest';

import { hostToASCII, uriHost, validateHost, validatePort, withoutBrackets } from './index.js';

const ALL = Array.from({ length: 0x101 }, (_, code) => String.fromCharCode(code));
/** What RFC 3986 allows in a name: unreserved, sub-delims, and pct-encoded. Non-ASCII characters are left to IDNA. */
const REG_NAME = /^[A-Za-z0-9\-._~!$&'()*+,;=%\x80-\u0100]$/;

describe('every character in a name', () => {
  test.each(ALL.map((character) => [character.charCodeAt(0), character] as const))(
    '%d',
    (_code, character) => {
      for (const host of [character, `a${character}`, `${character}a`, `a${character}a`]) {
        const validate = expect(() => {
          validateHost(host);
        });
        // With a colon it would have to be an address, which none of these is.
        if (REG_NAME.test(character)) validate.not.toThrow();
        else validate.toThrow(InvalidURL);
      }
    },
  );
});

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::', '[::]'],
  ['::1', '[::1]'],
  ['2001:DB8::1', '[2001:DB8::1]'],
  ['::ffff:127.0.0.1', '[::ffff:127.0.0.1]'],
  ['fe80::1%eth0', '[fe80::1]'],
  ['fe80::1%25eth0', '[fe80::1]'],
  ['fe80::1%a-b.c_d~e:%66', '[fe80::1]'],
  ['a_b', 'a_b'],
  ['Example.ORG.', 'Example.ORG.'],
  ['bücher.example', 'xn--bcher-kva.example'],
])('%s is written in a message as %s', (host, expected) => {
  validateHost(host);
  expect(uriHost(host)).toBe(expected);
});

test.each<[host: unknown, message: string, type?: typeof TypeError | typeof InvalidURL]>([
  ['', 'Cannot use "" as a host: it is empty'],
  ['a\r\nb', 'Cannot use "a\\r\\nb" as a host: "\\r" is not allowed there'],
  ['a b', 'Cannot use "a b" as a host: a space is not allowed there'],
  ['u@b', 'Cannot use "u@b" as a host: "@" is not allowed in a name'],
  ['[::1]', 'Cannot use "[::1]" as a host: it is not an IPv6 address'],
  ['example.org:80', 'Cannot use "example.org:80" as a host: a port is not part of it'],
  ['[::1]:80', 'Cannot use "[::1]:80" as a host: it is not an IPv6 address'],
  ['a:b:c', 'Cannot use "a:b:c" as a host: it is not an IPv6 address'],
  ['1:2:3:4:5:6:7:8:9', 'Cannot use "1:2:3:4:5:6:7:8:9" as a host: it is not an IPv6 address'],
  ['fe80::1%', 'Cannot use "fe80::1%" as a host: it is not an IPv6 address'],
  ['fe80::1%a/b', 'Cannot use "fe80::1%a/b" as a host: it is not an IPv6 address'],
  // Messages name the zone: it must not forge a line of a log, or control a terminal.
  ['fe80::1%\u2028', 'Cannot use "fe80::1%\\u{2028}" as a host: it is not an IPv6 address'],
  ['fe80::1%\x9b2J', 'Cannot use "fe80::1%\\x9b2J" as a host: it is not an IPv6 address'],
  ['fe80::1%\xe9', 'Cannot use "fe80::1%\xe9" as a host: it is not an IPv6 address'],
  // To a URL parser, what follows the bracket would be a path, a port or another host.
  ...['/evil', ':80/', '@[::1', '@evil.example/', '#', '?q', '\\x', ''].map((rest): [string, string] => [
    `::1]${rest}`,
    'as a host: it is not an IPv6 address',
  ]),
  ['http://b/', 'Cannot use "http://b/" as a host: it is a URL; give the host that it names'],
  [undefined, 'Cannot use "undefined" as a host: it is not a string', TypeError],
])('%o is not a host', (host, message, type = InvalidURL) => {
  const validate = (): void => {
    validateHost(host as string);
  };
  expect(validate).toThrow(type);
  expect(validate).toThrow(message);
});

test.each([
  ['[::1]', '::1'],
  ['::1', '::1'],
  ['[::1', '[::1'],
  ['::1]', '::1]'],
  ['example.org', 'example.org'],
  ['[example.org]', '[example.org]'],
])('%s without the brackets of an address is %s', (host, expected) => {
  expect(withoutBrackets(host)).toBe(expected);
});

test.each([
  'bücher.example/path',
  'bücher?query',
  'bücher#fragment',
  'user@bücher.example',
  'bücher:80',
  'bücher\\',
  'bücher\u{e000}.example',
])('%s is not an internationalized domain name', (host) => {
  expect(() => hostToASCII(host)).toThrow(InvalidURL);
  expect(() => hostToASCII(host)).toThrow('it is not an internationalized domain name (UTS 46)');
});

test('addresses and internationalized names need no URL.canParse, which the jsdom of Jest 29 lacks', () => {
  const platform = Object.getOwnPropertyDescriptor(URL, 'canParse')!;
  try {
    Reflect.deleteProperty(URL, 'canParse');
    expect(() => {
      validateHost('::1');
    }).not.toThrow();
    expect(() => {
      validateHost('1::2::3');
    }).toThrow('it is not an IPv6 address');
    expect(hostToASCII('b\u00fccher.example')).toBe('xn--bcher-kva.example');
    expect(() => hostToASCII('b\u00fccher\u{e000}.example')).toThrow(InvalidURL);
  } finally {
    Object.defineProperty(URL, 'canParse', platform);
  }
});

test.each([1, 80, 65_535])('%d is a port', (port) => {
  expect(() => {
    validatePort(port);
  }).not.toThrow();
});

test.each([
  ...[-1, 0, -0, 0.5, 65_536, NaN, Infinity].map(
    (port) => [port, 'expected a whole number from 1 to 65535'] as const,
  ),
  ['80' as never, 'it is not a number'] as const,
  [{ timeout: 5000 } as never, 'it is not a number; options are passed after it'] as const,
])('%o is not a port', (port, why) => {
  expect(() => {
    validatePort(port);
  }).toThrow(new InvalidURL(`Cannot use "${String(port)}" as a port: ${why}`));
});
