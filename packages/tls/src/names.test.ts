import { describe, expect, onTestFinished, test } from 'vitest';

import { HTTPSConnection } from './index.js';
import { httpsServer, proxy } from './testdata/peers.js';
import { NATIVE, rejection, TIMEOUT, trusting } from './testdata/stage.js';

/** A host as it is passed in, and the form in which each recipient gets it. */
interface Name {
  readonly given: string;
  /** In CONNECT and in both Host fields (RFC 9110, section 7.2). */
  readonly written: string;
  /** The server name (RFC 6066, section 3); false for an address. */
  readonly sni: string | false;
  /** What the certificate must be for (RFC 9525). */
  readonly identity: string;
}

const plain = (given: string): Name => ({ given, written: given, sni: given, identity: given });
const idn = (given: string, ascii: string): Name => ({ given, written: ascii, sni: ascii, identity: ascii });
const address = (given: string, written: string, identity: string): Name => {
  return { given, written, sni: false, identity };
};

// Python 3.13: '\u03b4\u03c0\u03b8.gr'.encode('idna') is b'xn--pxaix.gr'.
const NAMES: readonly Name[] = [
  plain('localhost'),
  plain('www.Example.ORG'),
  plain('my_host.example'),
  plain('xn--pxaix.gr'),
  // The trailing dot of an absolute name is part of neither (RFC 6066, section 3).
  { ...plain('www.example.org.'), sni: 'www.example.org', identity: 'www.example.org' },
  idn('δπθ.gr', 'xn--pxaix.gr'),
  idn('BÜCHER.example', 'xn--bcher-kva.example'),
  idn('例え。jp', 'xn--r8jz45g.jp'),
  address('192.0.2.7', '192.0.2.7', '192.0.2.7'),
  address('１９２．０．２．７', '192.0.2.7', '192.0.2.7'),
  // So an address with a trailing dot is no name either.
  address('192.0.2.7.', '192.0.2.7.', '192.0.2.7'),
  address('::1', '[::1]', '::1'),
  address('[::1]', '[::1]', '::1'),
  address('::ffff:192.0.2.7', '[::ffff:192.0.2.7]', '::ffff:192.0.2.7'),
  address('fe80::1%eth0', '[fe80::1]', 'fe80::1'),
  address('[fe80::1%25eth0]', '[fe80::1]', 'fe80::1'),
];

/** Each way to specify a port, and the resulting port. */
const PORTS: readonly [
  how: string,
  say: (host: string) => [host: string, port: number | undefined],
  port: number,
][] = [
  ['none', (host) => [host, undefined], 443],
  ['the default one', (host) => [host, 443], 443],
  ['another one', (host) => [host, 8443], 8443],
  ['the one of HTTP', (host) => [host, 80], 80],
  ['one in the host', (host) => [`${bracketed(host)}:8443`, undefined], 8443],
];

const bracketed = (host: string): string =>
  host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;

describe.each(PORTS)('port: %s', (_how, say, port) => {
  test.each(NAMES)('$given', async ({ given, written, sni, identity }) => {
    const seen: unknown[] = [];
    const server = await httpsServer((request, response) => {
      seen.push([request.headers.host, (request.socket as unknown as { servername: unknown }).servername]);
      response.end();
    });
    const identities: string[] = [];
    const context = trusting({
      checkServerIdentity: (host) => {
        identities.push(host);
        return undefined;
      },
    });
    const inner = await proxy(undefined, server.port);
    const outer = await proxy({}, server.port);
    const direct = new HTTPSConnection(...say(given), {
      timeout: TIMEOUT,
      context: { ...context },
      connector: (target) => NATIVE({ ...target, port: server.port }),
    });
    const tunnelled = [inner, outer].map((through, index) => {
      const connection = new HTTPSConnection('localhost', through.port, {
        timeout: TIMEOUT,
        connector: NATIVE,
        context: { ...context },
        ...(index === 0 ? {} : { proxyContext: trusting() }),
      });
      connection.setTunnel(...say(given));
      return connection;
    });
    for (const connection of [direct, ...tunnelled]) {
      onTestFinished(() => {
        connection.close();
      });
      await connection.request('GET', '/');
      await (await connection.getResponse()).read();
    }
    const host = port === 443 ? written : `${written}:${port}`;
    expect(seen).toEqual([direct, ...tunnelled].map(() => [host, sni]));
    expect(identities).toEqual([direct, ...tunnelled].map(() => identity));
    const authority = `${written}:${port}`;
    for (const { heads } of [inner, outer]) {
      expect(heads).toEqual([`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`]);
    }
  });
});

test('the default port of a subclass is also that of its tunnels, and of the TLS within them', async () => {
  class Other extends HTTPSConnection {
    static override readonly defaultPort = 8443 as number as 443;
  }
  const server = await httpsServer(() => undefined);
  const through = await proxy(undefined, server.port);
  const connection = new Other('localhost', through.port, {
    timeout: TIMEOUT,
    connector: NATIVE,
    context: trusting(),
  });
  connection.setTunnel('x.example');
  // The certificate is for another name.
  const error = await rejection(connection.connect());
  expect(error.message).toMatch(/ \(TLS with x\.example:8443\)$/);
  expect(through.asked).toEqual(['x.example:8443']);
});
