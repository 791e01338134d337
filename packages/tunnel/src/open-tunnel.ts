import { quote, RemoteDisconnected, TimeoutError, TunnelError } from '@http-client/errors';
import type { ResponseHead } from '@http-client/headers';
import { checkTransport, closeTransport, encodeLatin1, writeTo, type Transport } from '@http-client/io';

import { ConnectRequest, type TunnelTarget } from './connect-request.js';
import { printSent } from './debug.js';
import { checkOptions, type CheckedOptions, type OpenTunnelOptions, type TunnelReply } from './options.js';
import { MAX_SILENCE, readRefusal } from './refusal.js';
import { ReplyReader } from './reply.js';
import { resume } from './resume.js';
import { within } from './within.js';

/**
 * How often `authenticate` is called for one tunnel. No scheme in use takes more than three rounds, and a proxy may
 * answer 407 for ever.
 */
const MAX_CHALLENGES = 5;

/** An open tunnel. */
export interface Tunnel extends TunnelReply {
  /** Writes reach the far end of the tunnel, and reads return what it sends. */
  readonly transport: Transport;
}

/**
 * Asks the proxy at the other end of `transport` for a tunnel, by CONNECT (RFC 9110, section 9.3.6). Any 2xx opens it.
 *
 * The tunnel's transport is the one passed in. If bytes of the tunnel arrived with the reply, its next `read` returns
 * them, provided that it takes bytes back ({@link PushbackTransport}); otherwise the tunnel's transport is a wrapper
 * whose first `read` returns them.
 *
 * Whenever this rejects, the transport has been closed.
 *
 * @throws TypeError, RangeError or InvalidURL for an invalid argument, before anything is sent. TunnelError if the
 * proxy refuses, with what it said. BadStatusLine and the other errors of a response head; RemoteDisconnected if there
 * was no reply. TimeoutError (phase `tunnel`), the signal's reason, the system's error.
 *
 * @example
 * const proxy = await connectTCP({ host: 'proxy.example.org', port: 3128 });
 * const { transport } = await openTunnel(proxy, { host: 'example.org', port: 443 });
 */
export async function openTunnel(
  transport: Transport,
  target: TunnelTarget,
  options: OpenTunnelOptions = {},
): Promise<Tunnel> {
  let current = transport;
  try {
    const checked = checkOptions(options);
    const { authenticate, reopen, signal } = checked;
    const request = new ConnectRequest(target);
    /** Whether nothing has been sent on this transport before. */
    let fresh = true;
    for (let challenges = 0; ;) {
      checkTransport(current);
      const outcome = await ask(current, request, checked);
      if ('tunnel' in outcome) return outcome.tunnel;
      if ('gone' in outcome) {
        // Many proxies close after a 407 without announcing it, or while the user looks for the password.
        if (fresh || reopen === undefined) throw outcome.gone;
        closeTransport(current);
        current = await reopen();
        fresh = true;
        continue;
      }
      const { refusal, reusable } = outcome;
      const final = refusal.status !== 407 || authenticate === undefined || challenges++ === MAX_CHALLENGES;
      if (final || !(reusable || reopen)) throw refusal;
      if (!reusable) closeTransport(current);
      const fields = await within(async () => authenticate(refusal, challenges), { signal });
      if (fields === undefined) throw refusal;
      request.amend(fields);
      fresh = !reusable;
      if (fresh && reopen) current = await reopen();
    }
  } catch (error) {
    closeTransport(current);
    throw error;
  }
}

/**
 * Throws the errors that {@link openTunnel} would report at its call, before there is a transport.
 *
 * @throws InvalidURL for an invalid host or port; TypeError or RangeError for any other invalid argument.
 */
export function validateTunnel(target: TunnelTarget, options: OpenTunnelOptions = {}): void {
  checkOptions(options);
  new ConnectRequest(target);
}

type Outcome =
  | { readonly tunnel: Tunnel }
  | { readonly refusal: TunnelError; readonly reusable: boolean }
  /** The transport failed or ended before the first byte of a reply. */
  | { readonly gone: unknown };

/** Sends one CONNECT, and interprets the reply. */
async function ask(transport: Transport, request: ConnectRequest, options: CheckedOptions): Promise<Outcome> {
  const { timeout, signal, observer, debugLevel } = options;
  const since = performance.now();
  const reader = new ReplyReader(transport, options);
  const place = quote(request.authority);
  const expired = (limit: number): Error =>
    new TimeoutError(`Cannot open a tunnel to ${place}: the proxy did not reply within ${limit} ms`, {
      phase: 'tunnel',
    });
  let head: ResponseHead;
  try {
    observer?.sentHead(request.head);
    if (debugLevel > 0) printSent(request.head);
    head = await within(() => exchange(transport, request.head, reader), { timeout, expired, signal });
  } catch (error) {
    if (reader.began || signal?.aborted === true || error instanceof TimeoutError) throw error;
    return { gone: error };
  }
  const { status, reason, headers } = head;
  options.onReply?.({ status, reason, headers });
  if (isOpen(head)) {
    return { tunnel: { status, reason, headers, transport: resume(transport, reader.input.takeAll()) } };
  }
  const left = (): number => (timeout ?? Infinity) - (performance.now() - since);
  const { body, reusable, cause } = await readRefusal(reader, head, options, left);
  const said = quote(`${status} ${reason}`.trim());
  const refusal = new TunnelError(`Cannot open a tunnel to ${place}: the proxy refused it with ${said}`, {
    status,
    reason,
    headers,
    body,
    cause,
  });
  return { refusal, reusable };
}

function isOpen({ status }: ResponseHead): boolean {
  return status >= 200 && status < 300;
}

/**
 * Writes the head while the reply is read. A proxy may refuse and close without having read anything, so a failed write
 * is an error only if there is no reply, or if the reply opens the tunnel.
 */
async function exchange(transport: Transport, head: string, reader: ReplyReader): Promise<ResponseHead> {
  const failures: unknown[] = [];
  const writing = writeTo(transport, [encodeLatin1(head)]);
  const written = writing.catch((error: unknown) => {
    failures.push(error);
  });
  const reading = reader.final();
  await Promise.race([written, reading.catch(() => undefined)]);
  const broken = failures.length > 0;
  const patience = broken ? { timeout: MAX_SILENCE, expired: () => failures[0] } : {};
  try {
    const reply = await within(() => reading, patience);
    if (isOpen(reply)) await writing;
    return reply;
  } catch (error) {
    throw error instanceof RemoteDisconnected && failures.length > 0 ? failures[0] : error;
  }
}
