import { isHTTPException, quote } from '@http-client/client';

import { hideInMessage } from './credentials.js';
import { oneLine } from './print.js';

/** An error that ends a command, described in one sentence for its user. */
export class Failure extends Error {
  /** The exit code of the command. */
  readonly exitCode: number = 1;
}

/** What the system's errors mean to a user who sent a request to `place`. */
const MEANINGS: Readonly<Record<string, (place: string, host: string) => string>> = {
  ECONNREFUSED: (place) => `Cannot connect to ${place}: nothing listens there`,
  ENOTFOUND: (_, host) => `Cannot find the host ${quote(host)}: the name has no address`,
  EAI_AGAIN: (_, host) => `Cannot find the host ${quote(host)}: no name server responds`,
  EHOSTUNREACH: (place) => `Cannot connect to ${place}: there is no route to that host`,
  ENETUNREACH: (place) => `Cannot connect to ${place}: there is no route to that network`,
  ETIMEDOUT: (place) => `Cannot connect to ${place}: it does not respond`,
  ECONNRESET: (place) => `Cannot get a response from ${place}: it reset the connection`,
  EPIPE: (place) => `Cannot send the request to ${place}: it closed the connection`,
};

/** An error of an exchange, in words if the system only has a code for it. Others are returned as they are. */
export function exchangeFailure(error: unknown, place: string, host: string): unknown {
  if (isHTTPException(error)) return error;
  const code = codeOf(error);
  const meaning = code === undefined ? undefined : MEANINGS[code];
  return meaning === undefined ? error : new Failure(`${meaning(place, host)} (${code})`, { cause: error });
}

/** What is wrong with a certificate, and whether it would be accepted if its authority were trusted. */
const CERTIFICATES: Readonly<Record<string, readonly [why: string, isUntrusted: boolean]>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: ['it is self-signed', true],
  SELF_SIGNED_CERT_IN_CHAIN: ['its authority is not trusted', true],
  UNABLE_TO_GET_ISSUER_CERT: ['its authority is not known', true],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['its authority is not known', true],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['its authority is not known', true],
  CERT_HAS_EXPIRED: ['it has expired', false],
  CERT_NOT_YET_VALID: ['it is not valid yet', false],
  ERR_TLS_CERT_ALTNAME_INVALID: ['it is for another host', false],
};

/** OpenSSL's codes for a reply that is not TLS, such as that of a plain HTTP server. */
const NO_TLS = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'];

/**
 * An error of the handshake with `place`, in words; undefined for all others.
 *
 * @param prefix the beginning of the names of the options that help.
 */
export function handshakeFailure(error: unknown, place: string, prefix = '--'): Failure | undefined {
  const code = codeOf(error) ?? '';
  if (NO_TLS.includes(code)) {
    return new Failure(`Cannot use TLS with ${place}: its reply is not TLS (${code})`, { cause: error });
  }
  if (!Object.hasOwn(CERTIFICATES, code)) return undefined;
  const [why, isUntrusted] = CERTIFICATES[code]!;
  const skip = `${prefix}insecure to skip the check`;
  const way = isUntrusted ? `use ${prefix}ca FILE to trust its authority, or ${skip}` : `use ${skip}`;
  return new Failure(`Cannot trust the certificate of ${place}: ${why} (${code}); ${way}`, { cause: error });
}

/** What the system's errors mean to a user who named a file. */
const FILE_MEANINGS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENAMETOOLONG: 'the name is too long',
};

/** Why something could not be done with a file, as the end of a sentence. */
export function fileMeaning(error: unknown): string {
  const code = codeOf(error);
  if (code === undefined) return messageOf(error);
  return `${FILE_MEANINGS[code] ?? messageOf(error)} (${code})`;
}

/** An error of a file. `what` begins the sentence: `Cannot send`. */
export function fileFailure(error: unknown, what: string, path: string): Failure {
  return new Failure(`${what} ${quote(path)}: ${fileMeaning(error)}`, { cause: error });
}

/**
 * Describes an error in one line. Control characters, which may come from a peer, are escaped, and credentials are
 * hidden.
 */
export function failureLine(error: unknown): string {
  return oneLine(hideInMessage(messageOf(error)));
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Connecting to a name with several addresses fails with an error that has no message, only those of the attempts.
  if (error.message === '' && error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map(messageOf).join('; ');
  }
  return error.message === '' ? error.name : error.message;
}

/** The system's code of an error, if it has one. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
