import { cannotUse, checkOptionNames, checkType, quote, type OptionNames } from '@http-client/errors';
import { nameOf } from '@http-client/io';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { leastVersion, prepare, type TLSContext } from './connect-tls.js';

/** The options of `createDefaultContext`. Files are PEM. */
export interface DefaultContextOptions {
  /** The client certificate, with the chain to its authority; without `keyFile`, also its key. */
  certFile?: string | undefined;
  /** The key of that certificate. */
  keyFile?: string | undefined;
  /** The password that the key is encrypted with. */
  keyPassword?: string | undefined;
  /**
   * The trusted certificates, instead of the platform's authorities: each is trusted by itself, be it that of a root,
   * of an authority below one, or of the server.
   */
  caFile?: string | undefined;
  /** Whether the certificate must be for the host; by default, whether it is verified. */
  checkHostname?: boolean | undefined;
  /** Whether the certificate must be valid, and of a trusted authority; true by default. */
  verify?: boolean | undefined;
}

const OPTION_NAMES: OptionNames<DefaultContextOptions> = {
  certFile: true,
  keyFile: true,
  keyPassword: true,
  caFile: true,
  checkHostname: true,
  verify: true,
};

/** Each certificate that begins, even if it does not end: that one is damaged. */
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*(?:-----END CERTIFICATE-----)?/g;

/** What the error codes of the system and of OpenSSL mean to a caller who named a file. */
const MEANINGS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  ERR_OSSL_PEM_NO_START_LINE: 'there is no certificate in it (PEM)',
  ERR_OSSL_X509_KEY_TYPE_MISMATCH: 'the key is that of another certificate',
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'the key is that of another certificate',
};

/**
 * Creates a context with safe settings: certificate and host name are verified, and TLS is at least 1.2. It offers no
 * protocol by ALPN, and none is added to a context that is passed to a connection.
 *
 * The files are read immediately; later changes to them are not seen.
 *
 * @throws TypeError for invalid or unknown options, for options that cannot be combined, and for a file that cannot be
 * read or used, with the error of the system or of OpenSSL as its `cause`.
 *
 * @example
 * const context = createDefaultContext({ caFile: 'our-authority.pem' });
 * const connection = new HTTPSConnection('intranet.example.org', 443, { context });
 */
export function createDefaultContext(options: DefaultContextOptions = {}): TLSContext {
  // If a misspelt `caFile` were ignored, the platform's authorities would be trusted instead.
  checkOptionNames(options, 'createDefaultContext', OPTION_NAMES);
  const { certFile, keyFile, keyPassword, caFile, verify = true, checkHostname = verify } = options;
  // A null would disable one check but not the other.
  checkType(verify, 'verify', 'boolean');
  checkType(checkHostname, 'checkHostname', 'boolean');
  // Its kind only: a password is a secret.
  if (keyPassword !== undefined && typeof keyPassword !== 'string')
    throw new TypeError(`Cannot use ${nameOf(keyPassword)} as keyPassword: expected a string`);
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
  const context: TLSContext = { minVersion: leastVersion(), rejectUnauthorized: verify };
  if (!checkHostname) context.checkServerIdentity = () => undefined;
  if (caFile !== undefined) {
    context.ca = certificatesOf(caFile);
    // As in the reference: otherwise OpenSSL accepts no certificate that is not below a root in the file.
    context.allowPartialTrustChain = true;
  }
  if (certFile !== undefined) identify(context, certFile, keyFile, keyPassword);
  return context;
}

function contents(option: string, file: string): string {
  if (typeof file !== 'string') throw cannotUse(file, option, 'expected a path');
  return checked(`read ${quote(file)} as ${option}`, () => readFileSync(file, 'latin1'));
}

/** The certificates in a file, each of them checked: OpenSSL would skip those that it cannot read, and trust nobody. */
function certificatesOf(caFile: string): string[] {
  const found = contents('caFile', caFile).match(CERTIFICATE);
  if (found === null) {
    throw new TypeError(`Cannot use ${quote(caFile)} as caFile: there is no certificate in it (PEM)`);
  }
  for (const certificate of found) certificateIn(certificate, caFile, 'caFile');
  return found;
}

/** Sets the client certificate. Each file is checked by itself first: OpenSSL does not say which one it means. */
function identify(context: TLSContext, certFile: string, keyFile?: string, keyPassword?: string): void {
  const cert = contents('certFile', certFile);
  const key = keyFile === undefined ? cert : contents('keyFile', keyFile);
  const secret = { key, ...(keyPassword === undefined ? {} : { passphrase: keyPassword }) };
  Object.assign(context, { cert, ...secret });
  const certificate = certificateIn(cert, certFile, 'certFile');
  const locked =
    keyPassword === undefined ? 'it is encrypted with a password' : 'keyPassword is not its password';
  const privateKey = checked(
    `use ${keyFile === undefined ? `${quote(certFile)} without keyFile` : `${quote(keyFile)} as keyFile`}`,
    () => createPrivateKey(secret),
    key.includes('ENCRYPTED') ? locked : 'there is no key in it that can be read (PEM)',
  );
  const files = keyFile === undefined ? quote(certFile) : `${quote(certFile)} and ${quote(keyFile)}`;
  checked(`use ${files} as certificate and key`, () => {
    // A copy, so that what is added to the context before its first use counts.
    prepare({ ...context });
    // OpenSSL would accept a key of another type, such as EC for RSA, and then show no certificate.
    if (certificate.checkPrivateKey(privateKey)) return;
    throw Object.assign(new Error('key type mismatch'), { code: 'ERR_OSSL_X509_KEY_TYPE_MISMATCH' });
  });
}

function certificateIn(text: string, file: string, option: string): X509Certificate {
  return checked(`use ${quote(file)} as ${option}`, () => new X509Certificate(text), 'it is damaged (PEM)');
}

/** Calls `run`. If that fails, throws an error that says what failed and why, in plain words if there are any. */
function checked<T>(what: string, run: () => T, otherwise?: string): T {
  try {
    return run();
  } catch (error) {
    const { message, code, reason } = error as Error & { code?: string; reason?: string };
    const why = MEANINGS[code ?? ''] ?? otherwise ?? reason ?? message;
    const known = code === undefined ? '' : ` (${code})`;
    throw Object.assign(new TypeError(`Cannot ${what}: ${why}${known}`, { cause: error }), { code });
  }
}
