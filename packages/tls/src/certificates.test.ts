import { checkServerIdentity, createSecureContext } from 'node:tls';
import { domainToASCII } from 'node:url';

import { describe, expect, inject, onTestFinished, test } from 'vitest';

import { HTTPSConnection, type TLSContext } from './index.js';
import type { Certificates } from './testdata/certificates.js';
import { httpsServer } from './testdata/peers.js';
import { CARRIERS, get, open, rejection, trusting } from './testdata/stage.js';

interface Row {
  readonly certificate: keyof Certificates;
  /** The host asked for; the connection goes to this machine whatever the name. */
  readonly host?: string;
  readonly context?: TLSContext;
  /** The code of the error; absent if the certificate is good. */
  readonly code?: string;
}

const ALTNAME = 'ERR_TLS_CERT_ALTNAME_INVALID';
const UNCHECKED: TLSContext = { rejectUnauthorized: false };

/** RFC 5280 (validity, path), RFC 9525 (names); the codes are OpenSSL's and Node's. */
const ROWS: readonly Row[] = [
  { certificate: 'valid' },
  { certificate: 'valid', host: 'LOCALHOST' },
  { certificate: 'valid', host: 'localhost.' },
  { certificate: 'valid', host: '127.0.0.1' },
  { certificate: 'valid', host: '::1' },
  { certificate: 'valid', host: '[::1]' },
  { certificate: 'valid', host: '0:0:0:0:0:0:0:1' },
  // A zone concerns this machine only.
  { certificate: 'valid', host: '::1%lo' },
  { certificate: 'valid', host: '127.0.0.2', code: ALTNAME },
  { certificate: 'valid', host: '::2', code: ALTNAME },
  { certificate: 'valid', host: 'localhost.example', code: ALTNAME },
  // The root of all names: nobody's certificate is for it.
  { certificate: 'valid', host: '.', code: ALTNAME },
  { certificate: 'valid', host: '。', code: ALTNAME },
  { certificate: 'expired', code: 'CERT_HAS_EXPIRED' },
  { certificate: 'early', code: 'CERT_NOT_YET_VALID' },
  { certificate: 'selfSigned', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  { certificate: 'unknownAuthority', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  { certificate: 'otherName', code: ALTNAME },
  { certificate: 'otherName', host: 'other.example' },
  { certificate: 'wildcard', host: 'www.example.org' },
  { certificate: 'wildcard', host: 'WWW.Example.ORG' },
  { certificate: 'wildcard', host: 'example.org', code: ALTNAME },
  { certificate: 'wildcard', host: 'a.b.example.org', code: ALTNAME },
  // Where a name is looked up, this is a dot as well (UTS 46).
  { certificate: 'wildcard', host: 'a。b.example.org', code: ALTNAME },
  // Node's, and as RFC 6125 permitted: RFC 9525 does not.
  { certificate: 'partOfLabel', host: 'www.example.org' },
  { certificate: 'partOfLabel', host: 'example.org', code: ALTNAME },
  // A certificate for a name says nothing about the address, and vice versa.
  { certificate: 'named', host: '127.0.0.1', code: ALTNAME },
  { certificate: 'addressed', host: '127.0.0.1' },
  { certificate: 'addressed', host: 'localhost', code: ALTNAME },
  // A name in the subject is none of the server's (RFC 9110, section 4.3.4).
  { certificate: 'inSubject', code: ALTNAME },
  { certificate: 'inSubject', context: { checkServerIdentity } },
  { certificate: 'named', host: 'münchen.example' },
  { certificate: 'named', host: 'MÜNCHEN.example' },
  { certificate: 'named', host: 'xn--mnchen-3ya.example' },
  { certificate: 'named', host: 'muenchen.example', code: ALTNAME },
  { certificate: 'withIntermediate' },
  { certificate: 'withoutIntermediate', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  // A client certificate is not valid for a server.
  { certificate: 'client', code: 'INVALID_PURPOSE' },
  { certificate: 'expired', context: UNCHECKED },
  { certificate: 'otherName', context: UNCHECKED },
  { certificate: 'selfSigned', context: UNCHECKED },
  { certificate: 'otherName', context: { checkServerIdentity: () => undefined } },
  { certificate: 'expired', context: { checkServerIdentity: () => undefined }, code: 'CERT_HAS_EXPIRED' },
  // The context sets the name that is sent, and the name that the certificate must be for.
  { certificate: 'otherName', context: { servername: 'other.example' } },
  { certificate: 'valid', context: { servername: 'other.example' }, code: ALTNAME },
];

describe.each(Object.entries(CARRIERS))('over %s', (_name, connector) => {
  test.each(ROWS)(
    '$certificate for $host ($context): $code',
    async ({ certificate, host, context, code }) => {
      let requests = 0;
      const { port, open: sockets } = await httpsServer((_request, response) => {
        requests++;
        response.end('hello');
      }, inject('certificates')[certificate]);
      const connection = open(port, { connector, context: trusting(context) }, host);
      if (code === undefined) {
        expect(await get(connection)).toBe('hello');
      } else {
        const error = await rejection(get(connection));
        expect(error).toMatchObject({ code, delivery: 'unsent' });
        expect(error.message).toMatch(/^\S+( \S+)*$/);
        expect(error.message).toContain(` (TLS with ${placeOf(connection)})`);
        expect(error.stack).toContain(error.message);
        expect(connection.transport).toBeUndefined();
        expect(requests).toBe(0);
        connection.close();
      }
      expect(sockets.size).toBeLessThanOrEqual(1);
    },
  );
});

function placeOf({ host, port }: HTTPSConnection): string {
  return `${host.includes(':') ? `[${host}]` : domainToASCII(host)}:${port}`;
}

test.each<[what: string, name: string, value: unknown, certificate: keyof Certificates, code: string]>([
  ['an authority', 'ca', trusting().ca, 'valid', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['another name', 'servername', 'other.example', 'otherName', ALTNAME],
  ['a check that accepts every name', 'checkServerIdentity', () => undefined, 'otherName', ALTNAME],
])(
  'what somebody has added to every object is no part of a context: %s',
  async (_what, name, value, certificate, code) => {
    const { port } = await httpsServer(
      (_request, response) => response.end(),
      inject('certificates')[certificate],
    );
    const context = name === 'ca' ? {} : { ca: trusting().ca };
    // Not enumerable: the test runner does not expect it, either.
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
    onTestFinished(() => {
      Reflect.deleteProperty(Object.prototype, name);
    });
    expect(await rejection(get(open(port, { context })))).toMatchObject({ code, delivery: 'unsent' });
  },
);

test('without a context, the platform’s authorities are trusted and no other', async () => {
  const { port } = await httpsServer((_request, response) => response.end());
  const connection = new HTTPSConnection('localhost', port, { connector: CARRIERS['the socket itself']! });
  expect(await rejection(connection.request('GET', '/'))).toMatchObject({
    code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    delivery: 'unsent',
  });
});

// The platform's authorities do not include that of this server.
test('a secure context that is made already decides who is trusted', async () => {
  const { port } = await httpsServer((_request, response) => response.end('hello'));
  const secureContext = createSecureContext({ ca: trusting().ca });
  expect(await get(open(port, { context: { secureContext } }))).toBe('hello');
});
