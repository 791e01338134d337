import { InvalidURL } from '@http-client/errors';
import { describe, expect, test } from 'vitest';

import { HTTP_PORT, HTTPConnection, HTTPS_PORT } from './index.js';
import { scriptedTransport } from './testing.js';
import { attempted } from './testdata/stage.js';

class Secure extends HTTPConnection {
  static override readonly defaultPort = HTTPS_PORT;
}

/** The arguments, where the connection goes to, and what Host names. */
const hosts: [
  host: string,
  port: number | undefined,
  at: [string, number],
  field: string,
  Connection?: typeof HTTPConnection,
][] = [
  ['example.org', undefined, ['example.org', 80], 'example.org'],
  ['Example.ORG', undefined, ['Example.ORG', 80], 'Example.ORG'],
  ['example.org', 80, ['example.org', 80], 'example.org'],
  ['example.org', 8080, ['example.org', 8080], 'example.org:8080'],
  ['example.org', 443, ['example.org', 443], 'example.org:443'],
  ['example.org:8080', undefined, ['example.org', 8080], 'example.org:8080'],
  ['example.org:8080', null as never, ['example.org', 8080], 'example.org:8080'],
  ['example.org:', undefined, ['example.org', 80], 'example.org'],
  ['example.org', null as never, ['example.org', 80], 'example.org'],
  ['example.org:65535', undefined, ['example.org', 65_535], 'example.org:65535'],
  ['127.0.0.1:81', undefined, ['127.0.0.1', 81], '127.0.0.1:81'],
  ['::1', undefined, ['::1', 80], '[::1]'],
  ['[::1]', undefined, ['::1', 80], '[::1]'],
  ['[::1]:8080', undefined, ['::1', 8080], '[::1]:8080'],
  ['[::1]:', undefined, ['::1', 80], '[::1]'],
  ['[::1]', 8080, ['::1', 8080], '[::1]:8080'],
  ['2001:db8::1', 8080, ['2001:db8::1', 8080], '[2001:db8::1]:8080'],
  ['fe80::1%eth0', undefined, ['fe80::1%eth0', 80], '[fe80::1]'],
  ['[fe80::1%eth0]:81', undefined, ['fe80::1%eth0', 81], '[fe80::1]:81'],
  ['bücher.example', undefined, ['bücher.example', 80], 'xn--bcher-kva.example'],
  ['a%41', undefined, ['a%41', 80], 'a%41'],
  ['例え.テスト:81', undefined, ['例え.テスト', 81], 'xn--r8jz45g.xn--zckzah:81'],
  ['example.org', undefined, ['example.org', 443], 'example.org', Secure],
  ['example.org', 80, ['example.org', 80], 'example.org:80', Secure],
];

describe('the host of a connection', () => {
  test.each(hosts)('%s, port %s', async (host, port, [at, to], field, Connection = HTTPConnection) => {
    const transport = scriptedTransport([]);
    const connection = new Connection(host, port, { connector: transport.connector });
    expect(connection).toMatchObject({ host: at, port: to });
    await connection.request('GET', '/');
    expect(transport.connector.targets).toMatchObject([{ host: at, port: to }]);
    expect(transport.writtenText).toContain(`\r\nHost: ${field}\r\n`);
    connection.close();
  });

  const refused: [host: string, port?: number][] = [
    [''],
    [':80'],
    ['[]'],
    ['[]:80'],
    ['[example.org]'],
    ['[example.org]:80'],
    ['[127.0.0.1]'],
    ['[v1.fe]'],
    ['[v1.fe:1]'],
    ['example.org:http'],
    ['example.org:-1'],
    ['example.org:+80'],
    ['example.org: 80'],
    ['example.org:80 '],
    ['example.org:0x50'],
    ['example.org:65536'],
    ['example.org:99999999999999999999'],
    ['example.org:0'],
    ['[::1]:00'],
    ['example.org', 0],
    ['example.org', -1],
    ['example.org', 65_536],
    ['example.org', 80.5],
    ['example.org', NaN],
    ['example.org', '80' as never],
    ['example.org\r\nX: y'],
    ['example.org\0'],
    ['example org'],
    ['http://example.org'],
    ['http://example.org:80/'],
    ['user@example.org'],
    ['example.org/path'],
    ['example.org?query'],
    ['example.org#fragment'],
    ['a:b:c'],
    ['[::1'],
    ['::1]'],
    ['[::1]x'],
    ['bücher.example/path'],
    ['bücher@example.org'],
    ['bücher\u{e000}.example'],
  ];
  test.each([undefined, null, 80, new URL('http://example.org')])('%o is not a host', (host) => {
    expect(() => new HTTPConnection(host as never)).toThrow(TypeError);
    expect(() => new HTTPConnection(host as never)).toThrow(/as a host: it is not a string$/);
  });

  test('a bracket that is not closed is shown as it was written', () => {
    const message = 'Cannot use "[::1" as a host: it is not an IPv6 address';
    expect(() => new HTTPConnection('[::1')).toThrow(new InvalidURL(message));
  });

  test.each(refused)('%o, port %s is refused', (host, port) => {
    expect(() => new HTTPConnection(host, port)).toThrow(InvalidURL);
    expect(() => new HTTPConnection(host, port)).toThrow(/^Cannot use "/);
  });
});

describe('the Host of a request', () => {
  const rows: [target: string, host: string | undefined, method?: string][] = [
    ['/', 'a'],
    ['*', 'a'],
    // RFC 9112, section 3.2: the authority of the target URI, which for CONNECT is the target (section 3.3).
    ['b:443', 'b:443', 'CONNECT'],
    ['b:80', 'b:80', 'CONNECT'],
    ['B.example:', 'B.example:', 'CONNECT'],
    ['[::1]:443', '[::1]:443', 'CONNECT'],
    ['[fe80::1%25eth0]:443', '[fe80::1]:443', 'CONNECT'],
    ['user:pass@b:443', 'b:443', 'CONNECT'],
    ['http:443', 'http:443', 'CONNECT'],
    ['http://u@b/', 'b', 'CONNECT'],
    ['/', 'a', 'CONNECT'],
    ['*', 'a', 'CONNECT'],
    ['b', 'a', 'CONNECT'],
    ['b:443/c', 'a', 'CONNECT'],
    ['b:443', 'a', 'connect'],
    [':443', undefined, 'CONNECT'],
    ['::1:443', undefined, 'CONNECT'],
    ['[b]:443', undefined, 'CONNECT'],
    ['b:80:443', undefined, 'CONNECT'],
    ['b:65536', undefined, 'CONNECT'],
    ['b\\c:443', undefined, 'CONNECT'],
    ['b|c:443', undefined, 'CONNECT'],
    ['b:443', 'a'],
    ['http://b', 'b'],
    ['http://b:80/c', 'b:80'],
    ['HTTP://user:pass@word@b:81/c@d', 'b:81'],
    ['https://b?c@d', 'b'],
    ['http://[::1]:81/', '[::1]:81'],
    ['http://[fe80::1%25eth0]:81/', '[fe80::1]:81'],
    ['other+scheme-1.0://b/', 'b'],
    ['http:///c', undefined],
    ['http://', undefined],
    ['http://?c', undefined],
    ['http://u@/c', undefined],
    ['http://:80/c', undefined],
    ['http://u@:80/c', undefined],
    ['http://exa<mple/', undefined],
    ['http://a>b/', undefined],
    ['http://a|b/', undefined],
    ['http://exam"ple/', undefined],
    ['http://exam"ple:81/', undefined],
    ['http://a`b/', undefined],
    ['http://a{b}/', undefined],
    ['http://a^b/', undefined],
    ['http://b/<c|d>', 'b'],
    ['http:/c', 'a'],
    ['1http://b/', 'a'],
    ['http://[::1/', undefined],
    ['http://[b]/', undefined],
    ['http://b]/', undefined],
    ['http://b\\@c/', undefined],
    ['http://b\\c/', undefined],
    ['http://b@c\\@d', undefined],
    ['http://b:80:81/', undefined],
    ['http://b:http/', undefined],
    ['http://b:65536/', undefined],
    ['http://b/c\\@d', 'b'],
    ['http://b:/', 'b:'],
  ];
  test.each(rows)('%s', async (target, host, method = 'GET') => {
    const own = 'Host: own\r\n';
    for (const field of host === undefined ? [''] : ['', own]) {
      for (const byRequest of [true, false]) {
        const transport = scriptedTransport([]);
        const connection = new HTTPConnection('a', 80, { connector: transport.connector });
        const error = await attempted(async () => {
          if (byRequest) {
            await connection.request(method, target, field === own ? { headers: { Host: 'own' } } : {});
          } else {
            connection.putRequest(method, target, { skipHost: field === own });
            if (field === own) connection.putHeader('Host', 'own');
            await connection.endHeaders();
          }
        });
        if (host === undefined) {
          expect(error).toBeInstanceOf(InvalidURL);
          expect(transport.writes).toHaveLength(0);
          expect(connection.state).toBe('Idle');
        } else {
          const automatic = field === own ? '' : `Host: ${host}\r\n`;
          expect(transport.writtenText).toBe(
            `${method} ${target} HTTP/1.1\r\n${automatic}Accept-Encoding: identity\r\n${field}\r\n`,
          );
        }
      }
    }
  });
});

test('a target with a port needs no URL.canParse, which the jsdom of Jest 29 lacks', async () => {
  const platform = Object.getOwnPropertyDescriptor(URL, 'canParse')!;
  const transport = scriptedTransport([]);
  const connection = new HTTPConnection('a', 80, { connector: transport.connector });
  try {
    Reflect.deleteProperty(URL, 'canParse');
    await expect(connection.request('GET', 'http://b:x/')).rejects.toThrow(InvalidURL);
    await connection.request('GET', 'http://b:81/');
  } finally {
    Object.defineProperty(URL, 'canParse', platform);
  }
  expect(transport.writtenText).toMatch(/^GET http:\/\/b:81\/ HTTP\/1\.1\r\nHost: b:81\r\n/);
});

test('the ports are those of the schemes', () => {
  expect([HTTP_PORT, HTTPS_PORT, HTTPConnection.defaultPort]).toEqual([80, 443, 80]);
});

test('the URL of a response is the requested one, if there is one', async () => {
  const rows: [
    method: string,
    target: string,
    url: string | undefined,
    Connection?: typeof HTTPConnection,
  ][] = [
    ['GET', '', 'http://a:81/'],
    ['GET', '/b?c', 'http://a:81/b?c'],
    ['GET', 'http://b/c', 'http://b/c'],
    ['OPTIONS', '*', undefined],
    ['GET', '/b', 'https://a:81/b', Secure],
    ['CONNECT', 'b:443', undefined],
    ['CONNECT', '/b', undefined],
  ];
  for (const [method, target, url, Connection = HTTPConnection] of rows) {
    const { connector } = scriptedTransport('HTTP/1.1 204 \r\n\r\n');
    const connection = new Connection('a', 81, { connector });
    await connection.request(method, target);
    const response = await connection.getResponse();
    expect(response.url).toBe(url);
    connection.close();
  }
});
