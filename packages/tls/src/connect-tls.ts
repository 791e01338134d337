import { connectTCP, onAbort, placeOf, reword, takeSocket, WaitTimer } from '@http-client/connection';
import {
  cannotUse,
  checkObject,
  checkSignal,
  checkTimeout,
  HTTPException,
  quote,
  TimeoutError,
} from '@http-client/errors';
import { checkTransport, closeTransport, type Connector, type Transport } from '@http-client/io';
import { X509Certificate } from 'node:crypto';
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type ConnectionOptions,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';

import { securedTransport, type Carrier } from './secured-transport.js';
import { serverNameOf, type ServerName } from './server-name.js';
import { Sessions } from './sessions.js';
import { TransportDuplex } from './transport-duplex.js';

/**
 * How TLS is spoken: Node's own options of `tls.connect`. It says all there is to say, but that certificates are checked
 * and TLS is 1.2 at least where it does not say otherwise. It is read when it is first used, and to be left alone then.
 */
export type TLSContext = ConnectionOptions;

/** How TLS is begun on a transport. */
export interface StartTLSOptions {
  /** Where absent: the platform's authorities, and `http/1.1` by ALPN. */
  context?: TLSContext;
  /** Milliseconds until the handshake is given up; no bound where absent. */
  timeout?: number;
  /** Gives the handshake up at once, with its own reason. */
  signal?: AbortSignal;
  /** The port at the other end: with the name, it says which session can be resumed. */
  port?: number;
}

/** The one protocol that is spoken here (RFC 7301, section 6). */
const PROTOCOL = 'http/1.1';

const DEFAULT_CONTEXT: TLSContext = { ALPNProtocols: [PROTOCOL] };

/** What is made of a context once, and used by all connections made with it. */
interface Prepared {
  readonly secureContext: SecureContext;
  readonly sessions: Sessions;
}

const PREPARED = new WeakMap<TLSContext, Prepared>();

/** Throws what Node throws for certificates and keys that are none. */
export function prepare(context: TLSContext): Prepared {
  let prepared = PREPARED.get(context);
  if (prepared === undefined) {
    const { minVersion, secureProtocol } = context;
    const least =
      minVersion === undefined && secureProtocol === undefined ? { minVersion: 'TLSv1.2' as const } : {};
    const secureContext = context.secureContext ?? createSecureContext({ ...context, ...least });
    prepared = { secureContext, sessions: new Sessions() };
    PREPARED.set(context, prepared);
  }
  return prepared;
}

/** @throws TypeError for what is not a context. */
export function checkContext(name: string, context: unknown): void {
  if (context === undefined || (typeof context === 'object' && context !== null)) return;
  const what = context === null ? 'null' : `a ${typeof context}`;
  throw new TypeError(`Cannot use ${what} as ${name}: expected an object, as createDefaultContext makes it`);
}

/**
 * Speaks TLS over a connected transport, a tunnel for one, to the server that is named; gives the secure transport.
 * `serverName` is a name or an address.
 *
 * Rejects with OpenSSL's or the system's error (`CERT_HAS_EXPIRED`, `ECONNRESET`), with TimeoutError (phase `tls`), with
 * the signal's reason, or with HTTPException where the server insists on another protocol than HTTP/1.1. The transport
 * is closed then.
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
    checkObject(options);
    const { context, timeout, signal } = options;
    checkContext('context', context);
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
 * A connector that speaks TLS over what another one opens, TCP where none is given. The target's timeout is for both
 * together.
 */
export function connectTLS(context?: TLSContext, over: Connector = connectTCP): Connector {
  checkContext('context', context);
  return async (target) => {
    const { host, port, timeout, signal } = target;
    const begin = performance.now();
    const transport = await over(target);
    return startTLS(transport, host, {
      port,
      ...(context === undefined ? {} : { context }),
      ...(signal === undefined ? {} : { signal }),
      // Something is left always: whether it is too late is for the timer to say.
      ...(timeout === undefined ? {} : { timeout: Math.max(timeout - (performance.now() - begin), 1) }),
    });
  };
}

/** What OpenSSL cannot use is the caller's own: no peer has a part in it. */
function prepared(context: TLSContext): Prepared {
  try {
    return prepare(context);
  } catch (error) {
    if (error instanceof Error) reword(error, `Cannot use the context for TLS: ${said(error)}`);
    throw error;
  }
}

function shakeHands(
  transport: Transport,
  name: ServerName,
  { context = DEFAULT_CONTEXT, timeout, signal, port }: StartTLSOptions,
): Promise<Transport> {
  const { secureContext, sessions } = prepared(context);
  // What was resumed without being checked is nothing to a connection that checks.
  const server = `${name.host}:${port ?? ''}${context.rejectUnauthorized === false ? ' unchecked' : ''}`;
  const session = sessions.get(server);
  const place = placeOf(name.host, port);
  const socket = takeSocket(transport);
  const duplex = socket === undefined ? new TransportDuplex(transport) : undefined;
  return new Promise((resolve, reject) => {
    let broken: Error | undefined;
    const secure = connect({
      // Said here, so that no environment variable says otherwise.
      rejectUnauthorized: true,
      ...(session === undefined ? {} : { session }),
      ...(name.servername === undefined ? {} : { servername: name.servername }),
      ...context,
      host: name.host,
      checkServerIdentity: guarded(context.checkServerIdentity ?? checkIdentity, (error) => {
        broken = error;
      }),
      secureContext,
      socket: socket ?? duplex!,
    });
    const fail = (error: unknown): void => {
      settle();
      sessions.drop(server);
      // What the socket still has to say has no listener any more.
      secure.on('error', () => undefined);
      secure.destroy();
      reject(error === signal?.reason && signal?.aborted === true ? error : unsent(error, place));
    };
    const timer = new WaitTimer((limit) => {
      fail(
        new TimeoutError(
          `Cannot speak TLS to ${place}: the handshake took more than ${Math.round(limit)} ms`,
          {
            phase: 'tls',
          },
        ),
      );
    });
    const closed = (): void => {
      fail(new HTTPException(`Cannot speak TLS to ${place}: the transport was closed in the handshake`));
    };
    const settle = (): void => {
      timer.dispose();
      ignore();
      secure.off('error', fail).off('close', closed).off('secureConnect', connected);
    };
    const connected = (): void => {
      const wrong = broken ?? otherProtocol(secure, place);
      if (wrong !== undefined) {
        fail(wrong);
        return;
      }
      settle();
      // Before anybody else hears of it: with TLS 1.3 a client certificate is refused behind the handshake.
      secure.on('error', (error: Error) => {
        if (isOfOpenSSL(error)) reword(error, `${said(error)} (TLS with ${place})`);
      });
      keepSessions();
      const carrier: Carrier = { transport, duplex };
      resolve(securedTransport(secure, carrier));
    };
    // A ticket of TLS 1.2 comes before the certificate has been checked, those of 1.3 behind the handshake at any time.
    let early: Buffer | undefined;
    const keepEarly = (ticket: Buffer): void => {
      early = ticket;
    };
    const keepSessions = (): void => {
      secure.off('session', keepEarly);
      if (early !== undefined) sessions.keep(server, early);
      secure.on('session', (ticket) => {
        sessions.keep(server, ticket);
      });
    };
    secure.on('session', keepEarly);
    secure.on('error', fail).on('close', closed).on('secureConnect', connected);
    const ignore = onAbort(signal, fail);
    if (timeout !== undefined) timer.start(timeout);
  });
}

/** As Node does, but that some versions of it (22.23) find no IPv6 address in any certificate, and OpenSSL does. */
function checkIdentity(host: string, certificate: PeerCertificate): Error | undefined {
  const error = checkServerIdentity(host, certificate);
  if (error === undefined || !host.includes(':')) return error;
  return new X509Certificate(certificate.raw).checkIP(host) === undefined ? error : undefined;
}

/**
 * A check that throws, or answers with what is not an error, refuses the server: the first would end the process, and a
 * promise nobody would wait for. `onBroken` learns of it, since a context that trusts everybody goes on behind an error.
 */
function guarded(check: typeof checkServerIdentity, onBroken: (error: Error) => void): typeof check {
  return (host, certificate) => {
    try {
      const answer: unknown = check(host, certificate);
      if (answer instanceof Error) return answer;
      if ((answer ?? false) === false) return undefined;
      // Nobody waits for a promise, nor would anybody hear that it was rejected.
      Promise.resolve(answer).catch(() => undefined);
      throw answer;
    } catch (thrown) {
      const wrong = cannotUse(thrown, 'what checkServerIdentity gives', 'expected an Error, or nothing');
      const error = thrown instanceof Error ? thrown : new TypeError(wrong);
      onBroken(error);
      return error;
    }
  };
}

/** A server that chose a protocol by ALPN speaks that and nothing else. */
function otherProtocol({ alpnProtocol }: TLSSocket, place: string): HTTPException | undefined {
  if (alpnProtocol === false || alpnProtocol === null || alpnProtocol === PROTOCOL) return undefined;
  return new HTTPException(
    `Cannot speak HTTP/1.1 to ${place}: the server chose another of the protocols that the context offers, ${quote(alpnProtocol)} (ALPN)`,
  );
}

/**
 * The handshake failed: not one byte of a request has left. What OpenSSL and Node say of it does not name the peer, of
 * which there may be two.
 */
function unsent(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || !Object.isExtensible(error)) return error;
  if (!(error instanceof HTTPException)) reword(error, `${said(error)} (TLS with ${place})`);
  return Object.assign(error, { delivery: 'unsent' });
}

/** The whole of it names a file and a line of OpenSSL's, and an address in memory. */
function said(error: Error): string {
  return isOfOpenSSL(error) ? error.reason : error.message.trimEnd();
}

function isOfOpenSSL(error: Error): error is Error & { readonly reason: string } {
  return 'library' in error && 'reason' in error && typeof error.reason === 'string';
}
