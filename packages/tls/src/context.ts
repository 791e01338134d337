import { quote } from '@http-client/errors';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { prepare, type TLSContext } from './connect-tls.js';

/** What a context is made of. Files are PEM. */
export interface DefaultContextOptions {
  /** The certificate that this client shows, with what it takes to get to its authority; its key too, without `keyFile`. */
  certFile?: string;
  /** The key of that certificate. */
  keyFile?: string;
  /** What the key is encrypted with. */
  keyPassword?: string;
  /** The authorities that are trusted, in the place of the platform's. */
  caFile?: string;
  /** Whether the certificate must be for the host: true. */
  checkHostname?: boolean;
  /** Whether the certificate must be valid, and of a trusted authority: true. */
  verify?: boolean;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * Makes a context with safe settings: certificate and host name checked, TLS 1.2 at least. As every context that is
 * given to a connection, it offers no protocol by ALPN.
 *
 * The files are read here and now; later changes of them are not seen.
 *
 * @throws TypeError for options that do not go together, and for a file that cannot be read or used, with what the
 * system or OpenSSL said as its `cause`.
 *
 * @example
 * const context = createDefaultContext({ caFile: 'our-authority.pem' });
 * const connection = new HTTPSConnection('intranet.example.org', 443, { context });
 */
export function createDefaultContext(options: DefaultContextOptions = {}): TLSContext {
  const { certFile, keyFile, keyPassword, caFile, verify = true, checkHostname = verify } = options;
  if (!verify && checkHostname) {
    throw new TypeError(
      'Cannot check the host name (checkHostname) of a certificate that is not checked (verify)',
    );
  }
  if (certFile === undefined && (keyFile ?? keyPassword) !== undefined) {
    throw new TypeError(
      `Cannot use ${keyFile === undefined ? 'keyPassword' : 'keyFile'} without certFile: the key belongs to a certificate`,
    );
  }
  const context: TLSContext = { minVersion: 'TLSv1.2', rejectUnauthorized: verify };
  if (!checkHostname) context.checkServerIdentity = () => undefined;
  if (caFile !== undefined) context.ca = certificatesOf(caFile);
  if (certFile !== undefined) {
    context.cert = contents('certFile', certFile);
    context.key = keyFile === undefined ? context.cert : contents('keyFile', keyFile);
    if (keyPassword !== undefined) context.passphrase = keyPassword;
    const files = keyFile === undefined ? quote(certFile) : `${quote(certFile)} and ${quote(keyFile)}`;
    checked(`use ${files} as certificate and key`, () => prepare(context));
  }
  return context;
}

function contents(option: string, file: string): string {
  return checked(`read ${quote(file)} as ${option}`, () => readFileSync(file, 'latin1'));
}

/** OpenSSL would skip what it cannot read, and trust nobody. */
function certificatesOf(caFile: string): string[] {
  const found = contents('caFile', caFile).match(CERTIFICATE);
  if (found === null) {
    throw new TypeError(`Cannot use ${quote(caFile)} as caFile: there is no certificate in it (PEM)`);
  }
  for (const certificate of found) {
    checked(`use ${quote(caFile)} as caFile`, () => new X509Certificate(certificate));
  }
  return found;
}

/** Does what it is told; says what that was where it fails. */
function checked<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { message, code } = error as Error & { code?: unknown };
    throw Object.assign(new TypeError(`Cannot ${what}: ${message}`, { cause: error }), { code });
  }
}
