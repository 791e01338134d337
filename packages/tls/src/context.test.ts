import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { createDefaultContext, type DefaultContextOptions } from './index.js';
import type { Certificates } from './testdata/certificates.js';
import { httpsServer, tcpServer } from './testdata/peers.js';
import { get, open, rejection, trusting } from './testdata/stage.js';

const PKCS8 = { type: 'pkcs8', format: 'pem' } as const;
const folder = mkdtempSync(join(tmpdir(), 'tls-context-'));
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  const { root, intermediate, withoutIntermediate, client, otherName } = inject('certificates');
  const encrypted = createPrivateKey(client.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'spam',
  });
  const files = {
    'root.pem': root.cert,
    'intermediate.pem': intermediate.cert,
    'server.pem': withoutIntermediate.cert,
    'bundle.pem': `# two authorities\n${otherName.cert}\n${root.cert}`,
    'cert.pem': client.cert,
    'key.pem': client.key,
    'both.pem': `${client.cert}\n${client.key}`,
    'encrypted.pem': encrypted,
    'other-key.pem': otherName.key,
    'rsa-key.pem': generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(PKCS8),
    'cut.pem': root.cert.slice(0, 300),
    'bundle-cut.pem': `${otherName.cert}\n${root.cert.slice(0, 300)}`,
    'garbage.pem': 'spam, eggs\n',
    'broken.pem': '-----BEGIN CERTIFICATE-----\nc3BhbQ==\n-----END CERTIFICATE-----\n',
    'empty.pem': '',
  };
  for (const [name, contents] of Object.entries(files)) writeFileSync(at(name), contents);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('certificate and name are verified, TLS is at least 1.2, and nothing is offered by ALPN', () => {
  expect(createDefaultContext()).toEqual({ minVersion: 'TLSv1.2', rejectUnauthorized: true });
});

/** File names are relative to the folder. */
function context(options: DefaultContextOptions): ReturnType<typeof createDefaultContext> {
  const { certFile, keyFile, caFile, ...rest } = options;
  const files = Object.entries({ certFile, keyFile, caFile }).filter(([, file]) => file !== undefined);
  return createDefaultContext({
    ...rest,
    ...Object.fromEntries(files.map(([name, file]) => [name, at(file!)])),
  });
}

describe('which servers are trusted', () => {
  test.each<[string, DefaultContextOptions, keyof Certificates, string | undefined]>([
    ['an authority', { caFile: 'root.pem' }, 'valid', undefined],
    ['one of several', { caFile: 'bundle.pem' }, 'valid', undefined],
    ['an authority below a root', { caFile: 'intermediate.pem' }, 'withoutIntermediate', undefined],
    ['the server itself', { caFile: 'server.pem' }, 'withoutIntermediate', undefined],
    ['another server', { caFile: 'server.pem' }, 'valid', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    ['a server that vouches for itself', { caFile: 'root.pem' }, 'selfSigned', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['with another name', { caFile: 'root.pem' }, 'otherName', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['the name unchecked', { caFile: 'root.pem', checkHostname: false }, 'otherName', undefined],
    ['only the name unchecked', { caFile: 'root.pem', checkHostname: false }, 'expired', 'CERT_HAS_EXPIRED'],
    ['nothing checked', { verify: false }, 'expired', undefined],
    ['nothing checked, nor the name', { verify: false, checkHostname: false }, 'otherName', undefined],
    ['the platform’s authorities', {}, 'valid', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ])('%s', async (_what, options, certificate, code) => {
    const { port } = await httpsServer(
      (_request, response) => response.end('hello'),
      inject('certificates')[certificate],
    );
    const connection = open(port, { context: context(options) });
    if (code === undefined) expect(await get(connection)).toBe('hello');
    else expect(await rejection(get(connection))).toMatchObject({ code, delivery: 'unsent' });
  });
});

test.each<DefaultContextOptions>([
  { certFile: 'cert.pem', keyFile: 'key.pem' },
  { certFile: 'both.pem' },
  { certFile: 'cert.pem', keyFile: 'encrypted.pem', keyPassword: 'spam' },
])('a client certificate: %o', async (options) => {
  const { root } = inject('certificates');
  const { port } = await httpsServer((_request, response) => response.end('hello'), {
    requestCert: true,
    ca: root.cert,
  });
  expect(await get(open(port, { context: context({ ...options, caFile: 'root.pem' }) }))).toBe('hello');
});

// Otherwise the platform's authorities would be trusted in place of those that are set.
test.each<DefaultContextOptions>([{}, { certFile: 'both.pem' }])(
  'what is set on a context before its first use counts: %o',
  async (options) => {
    const { port } = await httpsServer((_request, response) => response.end('hello'));
    const made = context(options);
    made.ca = inject('certificates').root.cert;
    expect(await get(open(port, { context: made }))).toBe('hello');
  },
);

const NO_CERTIFICATE = 'there is no certificate in it \\(PEM\\)';
const NO_KEY = 'there is no key in it that can be read \\(PEM\\)';
/** Matches a file by its name, and an OpenSSL code, which differs between its versions. */
const says = (sentence: string): RegExp =>
  new RegExp(`^${sentence.replaceAll(/<(.*?)>/g, '"[^"]*$1"')}(?: \\((?:E[A-Z]+|ERR_[A-Z0-9_]+)\\))?$`);

test.each<[DefaultContextOptions, string, string?]>([
  [
    { caFile: 'missing.pem' },
    'Cannot read <missing.pem> as caFile: there is no such file or folder',
    'ENOENT',
  ],
  [{ certFile: 'missing.pem' }, 'Cannot read <missing.pem> as certFile: there is no such file .*', 'ENOENT'],
  [
    { certFile: 'cert.pem', keyFile: 'missing.pem' },
    'Cannot read <missing.pem> as keyFile: there is no such file .*',
    'ENOENT',
  ],
  [{ caFile: '.' }, 'Cannot read <> as caFile: it is a folder', 'EISDIR'],
  [{ caFile: 'garbage.pem' }, `Cannot use <garbage.pem> as caFile: ${NO_CERTIFICATE}`],
  [{ caFile: 'empty.pem' }, `Cannot use <empty.pem> as caFile: ${NO_CERTIFICATE}`],
  [{ caFile: 'broken.pem' }, 'Cannot use <broken.pem> as caFile: it is damaged \\(PEM\\)'],
  [{ caFile: 'cut.pem' }, 'Cannot use <cut.pem> as caFile: it is damaged \\(PEM\\)'],
  [{ caFile: 'bundle-cut.pem' }, 'Cannot use <bundle-cut.pem> as caFile: it is damaged \\(PEM\\)'],
  [
    { certFile: 'garbage.pem', keyFile: 'key.pem' },
    `Cannot use <garbage.pem> as certFile: ${NO_CERTIFICATE}`,
  ],
  [{ certFile: 'empty.pem', keyFile: 'key.pem' }, `Cannot use <empty.pem> as certFile: ${NO_CERTIFICATE}`],
  [
    { certFile: 'broken.pem', keyFile: 'key.pem' },
    'Cannot use <broken.pem> as certFile: it is damaged \\(PEM\\)',
  ],
  [{ certFile: 'cert.pem', keyFile: 'garbage.pem' }, `Cannot use <garbage.pem> as keyFile: ${NO_KEY}`],
  [{ certFile: 'cert.pem', keyFile: 'empty.pem' }, `Cannot use <empty.pem> as keyFile: ${NO_KEY}`],
  [{ certFile: 'cert.pem' }, `Cannot use <cert.pem> without keyFile: ${NO_KEY}`],
  [
    { certFile: 'cert.pem', keyFile: 'other-key.pem' },
    'Cannot use <cert.pem> and <other-key.pem> as certificate and key: the key is that of another certificate',
    'ERR_OSSL_X509_KEY_VALUES_MISMATCH',
  ],
  [
    { certFile: 'cert.pem', keyFile: 'rsa-key.pem' },
    'Cannot use <cert.pem> and <rsa-key.pem> as certificate and key: the key is that of another certificate',
    'ERR_OSSL_X509_KEY_TYPE_MISMATCH',
  ],
  [
    { certFile: 'cert.pem', keyFile: 'encrypted.pem' },
    'Cannot use <encrypted.pem> as keyFile: it is encrypted with a password',
  ],
  [
    { certFile: 'cert.pem', keyFile: 'encrypted.pem', keyPassword: 'eggs' },
    'Cannot use <encrypted.pem> as keyFile: keyPassword is not its password',
    // One wrong password in 256 decrypts to something that seems padded, and then turns out not to be a key.
    'ERR_OSSL_\\w+',
  ],
  [{ keyFile: 'key.pem' }, 'Cannot use keyFile without certFile: .*'],
  [{ keyPassword: 'spam' }, 'Cannot use keyPassword without certFile: .*'],
  [{ verify: false, checkHostname: true }, 'Cannot check the host name .*'],
])('%o: %s', (options, message, code?) => {
  const thrown = refusal(() => context(options));
  expect(thrown).toBeInstanceOf(TypeError);
  expect(thrown.message).toMatch(says(message));
  const { code: found } = thrown as NodeJS.ErrnoException;
  if (found !== undefined) expect(thrown.message).toMatch(new RegExp(` \\(${found}\\)$`));
  if (code !== undefined) expect(found).toMatch(new RegExp(`^${code}$`));
  if (code !== undefined) expect(thrown.cause).toMatchObject({ code: found });
});

test.each([
  [null, 'null'],
  [5, '5'],
  [['a.pem'], 'a.pem'],
])('an invalid path: %j', (caFile, shown) => {
  const options = { caFile } as unknown as DefaultContextOptions;
  expect(refusal(() => createDefaultContext(options))).toEqual(
    new TypeError(`Cannot use "${shown}" as caFile: expected a path`),
  );
});

// It was called a wrong password if it was one for Node, too. It is a secret, and not shown.
test.each([
  [1234, 'a number'],
  [null, 'null'],
  [Buffer.from('spam'), 'a Buffer'],
])('a password that is not text: %j', (keyPassword, kind) => {
  const options = { certFile: 'cert.pem', keyFile: 'encrypted.pem', keyPassword } as never;
  expect(refusal(() => context(options))).toEqual(
    new TypeError(`Cannot use ${kind} as keyPassword: expected a string`),
  );
});

// A falsy value would have disabled one check but not the other.
test.each([
  [{ verify: null }, 'Cannot use "null" as verify: expected a boolean'],
  [{ verify: 0 }, 'Cannot use "0" as verify: expected a boolean'],
  [{ checkHostname: null }, 'Cannot use "null" as checkHostname: expected a boolean'],
  [{ checkHostname: 'no' }, 'Cannot use "no" as checkHostname: expected a boolean'],
  ['ca.pem', 'Cannot use "ca.pem" as options: expected an object with named options'],
  [null, 'Cannot use "null" as options: expected an object with named options'],
  // Otherwise, the platform's authorities would be trusted.
  [
    { cafile: 'ca.pem' },
    'Cannot use "cafile" as an option of createDefaultContext: it takes certFile, keyFile, keyPassword, caFile, checkHostname, verify',
  ],
])('options that are not booleans, unknown, or not an object: %j', (options, message) => {
  expect(refusal(() => createDefaultContext(options as DefaultContextOptions))).toEqual(
    new TypeError(message),
  );
});

function refusal(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Expected the call to throw');
}

test('the error for a context that OpenSSL cannot use explains it, and names no server', async () => {
  const { port } = await tcpServer(() => undefined);
  const error = await rejection(open(port, { context: { ciphers: 'shrubbery' } }).connect());
  expect(error).toMatchObject({
    code: 'ERR_SSL_NO_CIPHER_MATCH',
    message: 'Cannot use the context for TLS: no cipher match',
    delivery: 'unsent',
  });
});

// All that the documentation of `tls.connect`, `tls.createSecureContext` and `new tls.TLSSocket` names.
test('what is undefined in a context is absent', async () => {
  const { port } = await httpsServer((_request, response) => response.end('hello'));
  const names =
    'ALPNProtocols allowPartialTrustChain cert checkServerIdentity ciphers clientCertEngine crl dhparam ecdhCurve enableTrace highWaterMark honorCipherOrder key lookup maxVersion minDHSize minVersion passphrase pfx privateKeyEngine privateKeyIdentifier pskCallback rejectUnauthorized requestOCSP secureContext secureOptions secureProtocol servername session sessionIdContext sessionTimeout sigalgs signal ticketKeys timeout';
  const { ca } = trusting();
  for (const name of names.split(' '))
    expect([name, await get(open(port, { context: { ca, [name]: undefined } }))]).toEqual([name, 'hello']);
});
