import { connectTCP, placeOf, reword, takeSocket, within } from '@http-client/connection';
import {
  cannotUse,
  checkInteger,
  checkObject,
  checkOptionNames,
  checkSignal,
  checkTimeout,
  checkType,
  HTTPException,
  quote,
  TimeoutError,
  type OptionNames,
} from '@http-client/errors';
import { validatePort } from '@http-client/headers';
import {
  checkTransport,
  closeTransport,
  isError,
  nameOf,
  type Connector,
  type Transport,
} from '@http-client/io';
import { X509Certificate } from 'node:crypto';
import tls, {
  checkServerIdentity,
  connect,
  createSecureContext,
  type ConnectionOptions,
  type PeerCertificate,
  type SecureContext,
  type SecureVersion,
  type TLSSocket,
} from 'node:tls';

import { securedTransport } from './secured-transport.js';
import { serverNameOf, type ServerName } from './server-name.js';
import { Sessions } from './sessions.js';
import { TransportDuplex } from './transport-duplex.js';

/**
 * The TLS settings: Node's own options of `tls.connect`. A context is complete: only what it does not mention keeps its
 * default, which is that certificates are verified and TLS is at least 1.2. It is read on first use, and must not be
 * modified afterwards.
 */
export type TLSContext = ConnectionOptions;

/** The options of `startTLS`. */
export interface StartTLSOptions {
  /** By default: the platform's authorities, and `http/1.1` by ALPN. */
  context?: TLSContext | undefined;
  /** Milliseconds for the handshake; no limit by default. */
  timeout?: number | undefined;
  /** Cancels the handshake at once, with its own reason. */
  signal?: AbortSignal | undefined;
  /** The port at the other end, named in errors. With the name, it identifies the session that can be resumed. */
  port?: number | undefined;
}

const OPTION_NAMES: OptionNames<StartTLSOptions> = { context: true, timeout: true, signal: true, port: true };

/** The only protocol supported here (RFC 7301, section 6). */
const PROTOCOL = 'http/1.1';

const DEFAULT_CONTEXT: TLSContext = { ALPNProtocols: [PROTOCOL] };

/** What is derived from a context once, and shared by all connections that use it. */
interface Prepared {
  readonly secureContext: SecureContext;
  readonly sessions: Sessions;
}

const PREPARED = new WeakMap<TLSContext, Prepared>();

/** Prepares a context on its first use. Throws Node's error for an invalid certificate or key. */
export function prepare(context: TLSContext): Prepared {
  let prepared = PREPARED.get(context);
  if (prepared === undefined) {
    const own = ownOf(context);
    if (own.secureProtocol === undefined) own.minVersion ??= leastVersion();
    const secureContext = own.secureContext ?? createSecureContext(own);
    prepared = { secureContext, sessions: new Sessions() };
    PREPARED.set(context, prepared);
  }
  return prepared;
}

/** TLS 1.2, or more if the platform requires more, as with `--tls-min-v1.3`. */
export function leastVersion(): SecureVersion {
  return ['TLSv1.2' as const, tls.DEFAULT_MIN_VERSION].sort()[1]!;
}

/** The settings without what somebody has added to every object (prototype pollution), such as another authority. */
function ownOf(context: TLSContext): TLSContext {
  return { __proto__: null, ...context } as TLSContext;
}

/**
 * Returns the context, if it is one.
 *
 * @throws TypeError for anything else. Also for Node's `SecureContext`, of which no setting would be seen: in place of
 * its authorities, the platform's would be trusted.
 */
export function checkContext(name: string, context: unknown): TLSContext | undefined {
  if (context === undefined || (typeof context === 'object' && context !== null && !('context' in context)))
    return context;
  const expected = 'expected an object, as createDefaultContext makes it';
  throw new TypeError(`Cannot use ${nameOf(context)} as ${name}: ${expected}`);
}

/**
 * Adds TLS to a connected transport, such as a tunnel, and returns the secure transport. `serverName` is the name or
 * address of the server.
 *
 * Rejects with the error of OpenSSL or the system (`CERT_HAS_EXPIRED`, `ECONNRESET`), with TimeoutError (phase `tls`),
 * with the signal's reason, or with HTTPException if the server insists on a protocol other than HTTP/1.1, or if the
 * transport was closed meanwhile. Before the handshake: with InvalidURL for an invalid `serverName` or `port`, with
 * TypeError or RangeError for anything else that is invalid, unknown options included, and with Node's error for a
 * context that cannot be used. In each case the transport has been closed.
 *
 * @example
 * const { transport } = await openTunnel(proxy, { host: 'mail.example.org', port: 465 });
 * const secure = await startTLS(transport, 'mail.example.org');
 */
export async function startTLS(
  transport: Transport,
  serverName: string,
  options: StartTLSOptions = {},
): Promise<Transport> {
  try {
    checkTransport(transport);
    checkOptionNames(options, 'startTLS', OPTION_NAMES);
    const { context, timeout, signal, port } = options;
    checkContext('context', context);
    if (port !== undefined) validatePort(port);
    checkTimeout(timeout, 'timeout');
    checkSignal(signal);
    signal?.throwIfAborted();
    return await shakeHands(transport, serverNameOf(serverName), options);
  } catch (error) {
    closeTransport(transport);
    throw error;
  }
}

/**
 * A connector that adds TLS to what another one opens, TCP by default. The target's timeout applies to both together.
 * It rejects with the errors of the other one, and with those of {@link startTLS}.
 *
 * @throws TypeError for a context that is not an object, and for a connector that is not a function.
 */
export function connectTLS(context?: TLSContext, over: Connector = connectTCP): Connector {
  checkContext('context', context);
  checkType(over, 'a connector', 'function');
  return async (target) => {
    checkObject(target, 'a target', 'host and port');
    const { host, port, timeout, signal } = target;
    const begin = performance.now();
    const transport = await over(target);
    return startTLS(transport, host, {
      port,
      context,
      signal,
      // Never less than 1 ms: whether it is too late is decided by the timer.
      timeout: timeout === undefined ? timeout : Math.max(timeout - (performance.now() - begin), 1),
    });
  };
}

/** Like {@link prepare}, but the message names the context: no peer is involved. */
function prepareOrExplain(context: TLSContext): Prepared {
  try {
    return prepare(context);
  } catch (error) {
    if (isError(error)) reword(error, `Cannot use the context for TLS: ${shortMessage(error)}`);
    throw error;
  }
}

async function shakeHands(
  transport: Transport,
  name: ServerName,
  { context: given = DEFAULT_CONTEXT, timeout, signal, port }: StartTLSOptions,
): Promise<Transport> {
  const { secureContext, sessions } = prepareOrExplain(given);
  const context = ownOf(given);
  // Node would notice with the socket half made: its end then aborts the process, or is an uncaught exception.
  const streams = context as { signal?: unknown; highWaterMark?: unknown };
  checkSignal(streams.signal);
  checkInteger(streams.highWaterMark ?? 0, 'highWaterMark', 0);
  // The only one of Node's options that may be absent, but not undefined.
  if (context.minDHSize === undefined) delete context.minDHSize;
  // A connection that verifies must not resume a session that was established without verification, or for another name.
  const server = [name.host, port, context.rejectUnauthorized, context.servername].join();
  const check = context.checkServerIdentity ?? checkIdentity;
  const place = placeOf(name.host, port);
  const socket = takeSocket(transport);
  const duplex = socket === undefined ? new TransportDuplex(transport) : undefined;
  let broken: Error | undefined;
  const secure = connect({
    // Set explicitly, so that no environment variable overrides it.
    rejectUnauthorized: true,
    ...context,
    // Even if they are undefined: in a context, that counts as absent.
    session: context.session ?? sessions.get(server, check),
    servername: context.servername ?? name.servername,
    host: name.host,
    checkServerIdentity: guardedCheck(check, (error) => {
      broken = error;
    }),
    secureContext,
    socket: socket ?? duplex!,
  });
  // From the start: Node ignores the tickets that arrive while nobody listens. Those of TLS 1.2 arrive before the
  // certificate has been verified, and Node reports them after that. But only the first time: a server that negotiates
  // again issues one before its other certificate has been verified, and Node reports it at once.
  // Until it has been verified, the session counts as expired.
  let expiry = 0;
  secure.once('session', (ticket) => {
    sessions.keep(server, ticket, expiry, check);
  });
  const shaking = (): Promise<Transport> =>
    new Promise((resolve, reject) => {
      const closed = (): void => {
        reject(new HTTPException(`Cannot speak TLS to ${place}: the transport was closed in the handshake`));
      };
      const connected = (): void => {
        const wrong = broken ?? otherProtocol(secure, place);
        if (wrong !== undefined) {
          reject(wrong);
          return;
        }
        expiry = Date.parse(secure.getPeerCertificate().valid_to);
        secure.off('close', closed);
        // Before any other listener is added: with TLS 1.3 a client certificate is rejected after the handshake.
        secure.on('error', (error: Error) => {
          if (isOfOpenSSL(error)) reword(error, `${shortMessage(error)} (TLS with ${place})`);
        });
        resolve(securedTransport(secure, { transport, duplex }));
      };
      secure.on('error', reject).on('close', closed).once('secureConnect', connected);
    });
  const expired = (limit: number): Error =>
    new TimeoutError(`Cannot speak TLS to ${place}: the handshake took more than ${Math.round(limit)} ms`, {
      phase: 'tls',
    });
  try {
    return await within(shaking, { timeout, expired, signal });
  } catch (error) {
    sessions.drop(server);
    // If the transport ended the signal while the handshake began, nobody else listens.
    secure.on('error', () => undefined);
    secure.destroy();
    throw error === signal?.reason ? error : handshakeError(error, place);
  }
}

/**
 * Like Node's, except that the name in a certificate's subject (CN) does not count (RFC 9110, section 4.3.4: an
 * authority may have issued it without checking that it is a host of the holder's), and that some versions of Node
 * (22.23) find no IPv6 address in any certificate, where OpenSSL does.
 */
function checkIdentity(host: string, certificate: PeerCertificate): Error | undefined {
  const error = checkServerIdentity(host, { ...certificate, subject: {} });
  if (error === undefined) return undefined;
  if (host.includes(':') && new X509Certificate(certificate.raw).checkIP(host) !== undefined)
    return undefined;
  return Object.assign(error, { cert: certificate });
}

/**
 * Makes a check that throws, or that returns anything but an error or nothing, reject the server: an exception would
 * end the process, and nobody would await a promise. `onBroken` is told as well, since a context that trusts everybody
 * goes on despite an error.
 */
function guardedCheck(check: typeof checkServerIdentity, onBroken: (error: Error) => void): typeof check {
  return (host, certificate) => {
    try {
      const answer: unknown = check(host, certificate);
      if (isError(answer)) return answer;
      if ((answer ?? false) === false) return undefined;
      // Nobody awaits the promise, so its rejection would go unhandled.
      Promise.resolve(answer).catch(() => undefined);
      throw answer;
    } catch (thrown) {
      const error = isError(thrown)
        ? thrown
        : cannotUse(thrown, 'what checkServerIdentity gives', 'expected an Error, or nothing');
      onBroken(error);
      return error;
    }
  };
}

/** An error if the server chose another protocol by ALPN, since it then speaks nothing else. */
function otherProtocol({ alpnProtocol }: TLSSocket, place: string): HTTPException | undefined {
  if (!alpnProtocol || alpnProtocol === PROTOCOL) return undefined;
  return new HTTPException(
    `Cannot speak HTTP/1.1 to ${place}: the server chose ${quote(alpnProtocol)} by ALPN`,
  );
}

/**
 * Marks the error of a failed handshake: no byte of a request has been sent. The messages of OpenSSL and Node do not
 * name the peer, of which there may be two.
 */
function handshakeError(error: unknown, place: string): unknown {
  if (!isError(error)) return error;
  if (!(error instanceof HTTPException)) reword(error, `${shortMessage(error)} (TLS with ${place})`);
  Reflect.set(error, 'delivery', 'unsent');
  return error;
}

/** The full message of OpenSSL names one of its files and lines, and a memory address. */
function shortMessage(error: Error): string {
  return isOfOpenSSL(error) ? error.reason : error.message.trimEnd();
}

function isOfOpenSSL(error: Error): error is Error & { readonly reason: string } {
  return 'library' in error && 'reason' in error && typeof error.reason === 'string';
}
