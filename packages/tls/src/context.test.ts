import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { createDefaultContext, type DefaultContextOptions } from './index.js';
import { httpsServer } from './testdata/peers.js';
import { get, open, rejection } from './testdata/stage.js';

const folder = mkdtempSync(join(tmpdir(), 'tls-context-'));
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  const { root, client, otherName } = inject('certificates');
  const encrypted = createPrivateKey(client.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'spam',
  });
  const files = {
    'root.pem': root.cert,
    'bundle.pem': `# two authorities\n${otherName.cert}\n${root.cert}`,
    'cert.pem': client.cert,
    'key.pem': client.key,
    'both.pem': `${client.cert}\n${client.key}`,
    'encrypted.pem': encrypted,
    'other-key.pem': otherName.key,
    'garbage.pem': 'spam, eggs\n',
    'broken.pem': '-----BEGIN CERTIFICATE-----\nc3BhbQ==\n-----END CERTIFICATE-----\n',
    'empty.pem': '',
  };
  for (const [name, contents] of Object.entries(files)) writeFileSync(at(name), contents);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('certificate and name are checked, TLS is 1.2 at least, and nothing is offered by ALPN', () => {
  expect(createDefaultContext()).toEqual({ minVersion: 'TLSv1.2', rejectUnauthorized: true });
});

/** Each file by its name in the folder. */
function context(options: DefaultContextOptions): ReturnType<typeof createDefaultContext> {
  const { certFile, keyFile, caFile, ...rest } = options;
  const files = Object.entries({ certFile, keyFile, caFile }).filter(([, file]) => file !== undefined);
  return createDefaultContext({
    ...rest,
    ...Object.fromEntries(files.map(([name, file]) => [name, at(file!)])),
  });
}

describe('who is trusted', () => {
  test.each<[string, DefaultContextOptions, 'valid' | 'otherName' | 'expired', string | undefined]>([
    ['an authority', { caFile: 'root.pem' }, 'valid', undefined],
    ['one of several', { caFile: 'bundle.pem' }, 'valid', undefined],
    ['with another name', { caFile: 'root.pem' }, 'otherName', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['the name unchecked', { caFile: 'root.pem', checkHostname: false }, 'otherName', undefined],
    ['the name alone unchecked', { caFile: 'root.pem', checkHostname: false }, 'expired', 'CERT_HAS_EXPIRED'],
    ['nothing checked', { verify: false }, 'expired', undefined],
    ['nothing checked, the name neither', { verify: false, checkHostname: false }, 'otherName', undefined],
    ['the platform’s', {}, 'valid', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
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

test.each<[DefaultContextOptions, RegExp, unknown?]>([
  [{ caFile: 'missing.pem' }, /^Cannot read ".*missing\.pem" as caFile: ENOENT/, 'ENOENT'],
  [{ certFile: 'missing.pem' }, /^Cannot read ".*missing\.pem" as certFile: ENOENT/, 'ENOENT'],
  [{ certFile: 'cert.pem', keyFile: 'missing.pem' }, /as keyFile: ENOENT/, 'ENOENT'],
  [{ caFile: '.' }, /as caFile: EISDIR/, 'EISDIR'],
  [{ caFile: 'garbage.pem' }, /^Cannot use ".*garbage\.pem" as caFile: there is no certificate in it/],
  [{ caFile: 'empty.pem' }, /there is no certificate in it/],
  [{ caFile: 'broken.pem' }, /^Cannot use ".*broken\.pem" as caFile: /],
  [{ certFile: 'garbage.pem', keyFile: 'key.pem' }, /^Cannot use .* as certificate and key: /],
  [{ certFile: 'broken.pem', keyFile: 'key.pem' }, /^Cannot use .* as certificate and key: /],
  [{ certFile: 'cert.pem', keyFile: 'garbage.pem' }, /^Cannot use .* as certificate and key: /],
  [{ certFile: 'cert.pem' }, /^Cannot use ".*cert\.pem" as certificate and key: /],
  [{ certFile: 'cert.pem', keyFile: 'other-key.pem' }, /key values mismatch/],
  [{ certFile: 'cert.pem', keyFile: 'encrypted.pem' }, /^Cannot use .* as certificate and key: /],
  [{ certFile: 'cert.pem', keyFile: 'encrypted.pem', keyPassword: 'eggs' }, /bad decrypt/],
  [{ keyFile: 'key.pem' }, /^Cannot use keyFile without certFile/],
  [{ keyPassword: 'spam' }, /^Cannot use keyPassword without certFile/],
  [{ verify: false, checkHostname: true }, /^Cannot check the host name/],
])('%o: %s', (options, message, code?) => {
  let thrown: unknown;
  try {
    context(options);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(TypeError);
  expect((thrown as Error).message).toMatch(message);
  if (code !== undefined) expect(thrown).toMatchObject({ code, cause: { code } });
});
