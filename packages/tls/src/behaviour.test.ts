import { constants, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsOptions, TLSSocket } from 'node:tls';

import { expect, inject, test, vi } from 'vitest';

import { temporaryFolder } from '../../../tests/support/folders.js';
import {
  createDefaultContext,
  HTTPSConnection,
  type HTTPSConnectionOptions,
  type TLSContext,
} from './index.js';
import type { Certificates } from './testdata/certificates.js';
import { httpsServer, proxy, tcpServer, tlsServer } from './testdata/peers.js';
import { get, NATIVE, open, opened, rejection, trusting, until } from './testdata/stage.js';

const OLD: TlsOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' };
/** Its OID, 2.5.29.35, in DER (RFC 5280, section 4.2.1.1). */
const AUTHORITY_KEY_IDENTIFIER = Buffer.from('0603551d23', 'hex');
const ONLY12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
/** `supported_versions`, and `post_handshake_auth` (RFC 8446, section 4.2). */
const SUPPORTED_VERSIONS = 43;
const POST_HANDSHAKE_AUTH = 49;

/** A server that says hello, and what it learns of TLS. */
async function hello(options: TlsOptions & { certificate?: keyof Certificates } = {}) {
  const { certificate = 'valid', ...rest } = options;
  const names: unknown[] = [];
  const resumed: boolean[] = [];
  const peer = await httpsServer((_request, response) => response.end('hello'), {
    ...inject('certificates')[certificate],
    ...rest,
  });
  peer.server.on('secureConnection', (socket) => {
    names.push((socket as unknown as { servername: unknown }).servername);
    resumed.push(socket.isSessionReused());
  });
  return { ...peer, names, resumed };
}

/** The outcome of a request to it: the body, or the code or the name of the error. */
async function outcome(connection: HTTPSConnection): Promise<string> {
  try {
    return await get(connection);
  } catch (error) {
    const { code, name, phase, delivery } = error as Error & Record<'code' | 'phase' | 'delivery', string>;
    expect(connection.transport).toBeUndefined();
    return [name === 'Error' || name === 'TypeError' ? code : name, phase, delivery]
      .filter(Boolean)
      .join(' ');
  } finally {
    connection.close();
  }
}

/** The outcome of a request to a server with this certificate. */
const withCertificate = async (
  certificate: keyof Certificates,
  host = 'localhost',
  context: TLSContext = {},
): Promise<string> => {
  const { port } = await hello({ certificate });
  return outcome(open(port, { context: trusting(context) }, host));
};

/** The types of the extensions in the first message of a handshake (RFC 8446, section 4.1.2). */
function extensions(hello: Buffer): number[] {
  // After the headers of the record and of the message, a version and 32 random bytes.
  let at = 43;
  at += 1 + hello.readUInt8(at);
  at += 2 + hello.readUInt16BE(at);
  at += 1 + hello.readUInt8(at);
  const end = at + 2 + hello.readUInt16BE(at);
  const types: number[] = [];
  for (at += 2; at < end; at += 4 + hello.readUInt16BE(at + 2)) types.push(hello.readUInt16BE(at));
  return types;
}

const cutOff = (socket: TLSSocket): void => {
  (socket as unknown as { _parent: { destroy(): void } })._parent.destroy();
};

/** One test for each row of the page. */
const rows: Record<string, () => Promise<void>> = {
  versions: async () => {
    const { port } = await hello(OLD);
    expect(await outcome(open(port))).toMatch(/^ERR_SSL_\w+ unsent$/);
    expect(await outcome(open(port, { context: trusting(OLD as TLSContext) }))).toBe('hello');
  },

  ALPN: async () => {
    const offers: string[][] = [];
    const { port } = await hello({
      ALPNCallback: ({ protocols }) => {
        offers.push(protocols);
        return protocols.includes('h2') ? 'h2' : protocols[0]!;
      },
    });
    for (const [ALPNProtocols, expected] of [
      [undefined, 'hello'],
      [['http/1.1'], 'hello'],
      [['http/1.1', 'h2'], 'HTTPException unsent'],
    ] as const) {
      const context = trusting(ALPNProtocols && { ALPNProtocols: [...ALPNProtocols] });
      expect(await outcome(open(port, { context }))).toBe(expected);
    }
    // Without a context the tests' authority is not trusted, but the offer is seen all the same.
    await rejection(get(new HTTPSConnection('localhost', port, { connector: NATIVE })));
    expect(offers).toEqual([['http/1.1'], ['http/1.1', 'h2'], ['http/1.1']]);
  },

  'the server name (SNI)': async () => {
    const { port, names } = await hello();
    for (const host of ['localhost', 'localhost.', '127.0.0.1', '[::1]']) await outcome(open(port, {}, host));
    expect(names).toEqual(['localhost', 'localhost', false, false]);
  },

  'the name in the certificate': async () => {
    const wrong = 'ERR_TLS_CERT_ALTNAME_INVALID unsent';
    expect(await withCertificate('otherName')).toBe(wrong);
    expect(await withCertificate('otherName', 'other.example')).toBe('hello');
    expect(await withCertificate('addressed', '127.0.0.1')).toBe('hello');
    expect(await withCertificate('named', '127.0.0.1')).toBe(wrong);
    expect(await withCertificate('wildcard', 'www.example.org')).toBe('hello');
    expect(await withCertificate('wildcard', 'a.b.example.org')).toBe(wrong);
    expect(await withCertificate('partOfLabel', 'www.example.org')).toBe('hello');
    const { port } = await hello({ certificate: 'otherName' });
    const { port: at } = await proxy();
    const connection = open(at);
    connection.setTunnel('other.example', port);
    expect(await outcome(connection)).toBe('hello');
  },

  'a certificate that is expired, of an authority that is not trusted, or has a gap before that':
    async () => {
      expect(await withCertificate('expired')).toBe('CERT_HAS_EXPIRED unsent');
      expect(await withCertificate('selfSigned')).toBe('DEPTH_ZERO_SELF_SIGNED_CERT unsent');
      expect(await withCertificate('unknownAuthority')).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE unsent');
      expect(await withCertificate('withoutIntermediate')).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE unsent');
    },

  '`caFile` of `createDefaultContext`': async () => {
    const { cert } = inject('certificates').withoutIntermediate;
    const caFile = join(temporaryFolder({ 'server.pem': cert }), 'server.pem');
    const { port } = await hello({ certificate: 'withoutIntermediate' });
    expect(await outcome(open(port, { context: createDefaultContext({ caFile }) }))).toBe('hello');
  },

  "a certificate without what RFC 5280 requires besides, such as its authority's key identifier":
    async () => {
      const { raw } = new X509Certificate(inject('certificates').valid.cert);
      expect(raw.includes(AUTHORITY_KEY_IDENTIFIER)).toBe(false);
      expect(await withCertificate('valid')).toBe('hello');
    },

  'a handshake that fails': async () => {
    const { port, open: sockets } = await tcpServer((socket) => socket.write('HTTP/1.1 400 Bad\r\n\r\n'));
    const connection = open(port);
    const error = await rejection(connection.request('GET', '/'));
    expect(error).toMatchObject({ code: 'ERR_SSL_WRONG_VERSION_NUMBER', delivery: 'unsent' });
    expect(error.message).toBe(`wrong version number (TLS with localhost:${port})`);
    expect(error.stack).toContain(error.message);
    await until(() => sockets.size === 0);
  },

  'a handshake that takes too long': async () => {
    const { port } = await tcpServer(() => undefined);
    const connector = await opened(port);
    expect(await outcome(open(port, { timeout: 20, connector }))).toBe('TimeoutError tls unsent');
    const connection = open(port, { timeout: 20, proxyContext: trusting() });
    connection.setTunnel('localhost');
    expect(await outcome(connection)).toBe('TimeoutError connect unsent');
  },

  'a client certificate that is refused': async () => {
    const { root, client, strangeClient } = inject('certificates');
    const wants: TlsOptions = { ca: root.cert, requestCert: true, rejectUnauthorized: true };
    const { port } = await hello(wants);
    expect(await outcome(open(port, { context: trusting(client) }))).toBe('hello');
    const context = trusting(strangeClient);
    expect(await outcome(open(port, { context: { ...context, ...ONLY12 } }))).toMatch(/ unsent$/);
    expect(await outcome(open(port, { context }))).toMatch(
      /^(ERR_SSL\w*|ECONNRESET|EPIPE|RemoteDisconnected) (sent|partial)$/,
    );
  },

  'a client certificate that is asked for after the handshake': async () => {
    const { client } = inject('certificates');
    const received: unknown[] = [];
    const { port } = await tlsServer(
      (socket) => {
        socket.once('data', () => {
          socket.renegotiate({ requestCert: true, rejectUnauthorized: false }, () => {
            received.push(socket.getPeerX509Certificate()?.raw);
            socket.end('HTTP/1.1 204 No Content\r\n\r\n');
          });
        });
      },
      // As Apache does: it could not ask in a session that is resumed.
      { maxVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION },
    );
    expect(await outcome(open(port, { context: trusting(client) }))).toBe('');
    expect(received).toEqual([new X509Certificate(client.cert).raw]);

    const first: Buffer[] = [];
    const silent = await tcpServer((socket) => {
      socket.once('data', (bytes) => {
        first.push(bytes);
        socket.destroy();
      });
    });
    expect(await outcome(open(silent.port, { context: trusting(client) }))).toMatch(/ unsent$/);
    const offered = extensions(first[0]!);
    expect(offered).toContain(SUPPORTED_VERSIONS);
    expect(offered).not.toContain(POST_HANDSHAKE_AUTH);
  },

  'TLS to the proxy itself': async () => {
    const { root, stranger, client, strangeClient } = inject('certificates');
    const wants: TlsOptions = { requestCert: true, rejectUnauthorized: true };
    const { port } = await hello({ certificate: 'unknownAuthority', ca: stranger.cert, ...wants });
    const through = await proxy({ ca: root.cert, ...wants });
    const context = { ca: stranger.cert, ...strangeClient };
    // With the authority's certificate in the chain, or without.
    const untrusted = /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN) unsent$/;
    for (const [options, expected] of [
      [{ proxyContext: trusting(client), context }, /^hello$/],
      [{ proxyContext: trusting(client), context: trusting(client) }, untrusted],
      [{ proxyContext: context, context }, untrusted],
    ] satisfies [HTTPSConnectionOptions, RegExp][]) {
      const connection = open(through.port, options);
      connection.setTunnel('localhost', port);
      expect(await outcome(connection)).toMatch(expected);
    }
  },

  sessions: async () => {
    const { port, resumed } = await hello();
    const context = trusting();
    for (let count = 0; count < 3; count++) await outcome(open(port, { context }));
    await outcome(open(port, { context: trusting() }));
    expect(resumed).toEqual([false, true, true, false]);
  },

  'the end of the stream without close_notify': async () => {
    const { port } = await tlsServer((socket) => {
      socket.once('data', () =>
        socket.write('HTTP/1.1 200 OK\r\n\r\nhello', () =>
          setImmediate(() => {
            cutOff(socket);
          }),
        ),
      );
    });
    const error = await rejection(get(open(port)));
    expect(error).toMatchObject({ name: 'IncompleteRead', cause: { code: 'HTTP_TLS_TRUNCATED' } });
    expect(await outcome(open(port, { tolerate: ['truncated-body'] }))).toBe('hello');
  },

  '`close()`': async () => {
    const ends: string[] = [];
    let secured = false;
    const { port } = await tlsServer((socket) => {
      secured = true;
      socket.once('end', () => ends.push('close_notify')).once('error', () => ends.push('cut off'));
      socket.resume();
    });
    const connection = open(port);
    await connection.connect();
    // Node 26 writes the client's last handshake message a turn later; before that there is no TLS to end.
    await until(() => secured);
    connection.close();
    expect(connection.transport).toBeUndefined();
    await until(() => ends.length > 0);
    expect(ends[0]).toBe('close_notify');
  },

  '`NODE_TLS_REJECT_UNAUTHORIZED`': async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    try {
      expect(await withCertificate('selfSigned')).toBe('DEPTH_ZERO_SELF_SIGNED_CERT unsent');
      expect(await withCertificate('selfSigned', 'localhost', { rejectUnauthorized: false })).toBe('hello');
    } finally {
      vi.unstubAllEnvs();
    }
  },
};

test.each(Object.entries(rows))('%s', (_row, run) => run());

test('the page has exactly these rows, and the tests that it names exist', () => {
  const page = readFileSync(new URL('../../../docs/behaviour.md', import.meta.url), 'utf8');
  const section = /\n## TLS\n([^]*?)\n## /.exec(page)?.[1] ?? '';
  const cells = [...section.matchAll(/^\|(.*)\|$/gm)].map(([, line = '']) =>
    line.split('|').map((each) => each.trim()),
  );
  expect(cells.slice(2).map(([row]) => row)).toEqual(Object.keys(rows));
  for (const [, , , proven = ''] of cells.slice(2)) {
    for (const each of proven.replace(/^tls: /, '').split(', ')) {
      expect(existsSync(new URL(`${each}.test.ts`, import.meta.url)), each).toBe(true);
    }
  }
});
