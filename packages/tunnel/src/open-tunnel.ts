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
 * How often `authenticate` is asked for one tunnel. No scheme in use takes more than three rounds, and a proxy may say
 * 407 for ever.
 */
const MAX_CHALLENGES = 5;

/** An open tunnel. */
export interface Tunnel extends TunnelReply {
  /** What is written here reaches the tunnel's far end, and what that sends is read here. */
  readonly transport: Transport;
}

/**
 * Asks the proxy at the other end of `transport` for a tunnel, by CONNECT (RFC 9110, section 9.3.6). Any 2xx opens it.
 *
 * The tunnel's transport is the one that was given. Where bytes of the tunnel came with the reply, its next `read` gives
 * them if it takes them back ({@link UNREAD}); else the tunnel's transport is a wrapper whose first `read` does.
 *
 * Whenever this rejects, the transport has been closed.
 *
 * @throws TypeError, RangeError or InvalidURL for what cannot be asked; nothing has been sent, then. TunnelError where
 * the proxy refuses, with what it said. BadStatusLine and whatever else a response's head is refused with;
 * RemoteDisconnected where none came. TimeoutError (phase `tunnel`), the signal's reason, the system's error.
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
    /** Whether nothing has been asked on this transport before. */
    let fresh = true;
    for (let challenges = 0; ;) {
      checkTransport(current);
      const outcome = await ask(current, request, checked);
      if ('tunnel' in outcome) return outcome.tunnel;
      if ('gone' in outcome) {
        // Many a proxy closes behind its 407 without a word, or while somebody looks for the password.
        if (fresh || reopen === undefined) throw outcome.gone;
        closeTransport(current);
        current = await reopen();
        fresh = true;
        continue;
      }
      const { refusal, reusable } = outcome;
      const another = reusable ? undefined : reopen;
      fresh = another !== undefined;
      const final = refusal.status !== 407 || authenticate === undefined || challenges++ === MAX_CHALLENGES;
      if (final || !(reusable || fresh)) throw refusal;
      if (fresh) closeTransport(current);
      const fields = await within(async () => authenticate(refusal, challenges), { signal });
      if (fields === undefined) throw refusal;
      request.amend(fields);
      if (another !== undefined) current = await another();
    }
  } catch (error) {
    closeTransport(current);
    throw error;
  }
}

/**
 * Refuses what {@link openTunnel} would refuse at its call, before there is a transport.
 *
 * @throws InvalidURL for a host or port that is none; TypeError and RangeError for all else that cannot be asked.
 */
export function validateTunnel(target: TunnelTarget, options: OpenTunnelOptions = {}): void {
  checkOptions(options);
  new ConnectRequest(target);
}

type Outcome =
  | { readonly tunnel: Tunnel }
  | { readonly refusal: TunnelError; readonly reusable: boolean }
  /** The transport broke, or ended, before one byte of a reply. */
  | { readonly gone: unknown };

/** Sends one CONNECT, and makes what there is to make of the reply. */
async function ask(transport: Transport, request: ConnectRequest, options: CheckedOptions): Promise<Outcome> {
  const { timeout = Infinity, signal, observer, debugLevel } = options;
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
    const work = (): Promise<ResponseHead> => exchange(transport, request.head, reader);
    head = await within(work, { timeout: options.timeout, expired, signal });
  } catch (error) {
    if (reader.began || signal?.aborted === true || error instanceof TimeoutError) throw error;
    return { gone: error };
  }
  const { status, reason, headers } = head;
  options.onReply?.({ status, reason, headers });
  if (isOpen(head)) {
    return { tunnel: { status, reason, headers, transport: resume(transport, reader.input.takeAll()) } };
  }
  const left = (): number => timeout - (performance.now() - since);
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
 * Writes the head while the reply is read. A proxy may refuse and close before it has read anything: a write that fails
 * is an error only where no reply is found.
 */
async function exchange(transport: Transport, head: string, reader: ReplyReader): Promise<ResponseHead> {
  const failures: unknown[] = [];
  const written = writeTo(transport, [encodeLatin1(head)]).catch((error: unknown) => {
    failures.push(error);
  });
  const reading = reader.final();
  await Promise.race([written, reading.then(ignore, ignore)]);
  const broken = failures.length > 0;
  const patience = broken ? { timeout: MAX_SILENCE, expired: () => failures[0] } : {};
  try {
    const reply = await within(() => reading, patience);
    if (isOpen(reply)) await written;
    if (isOpen(reply) && failures.length > 0) throw failures[0];
    return reply;
  } catch (error) {
    throw error instanceof RemoteDisconnected && failures.length > 0 ? failures[0] : error;
  }
}

function ignore(): void {
  // Whoever awaits it learns of it.
}
