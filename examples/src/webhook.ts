// Sends a message to a URL that a stranger has chosen, and never to a server in one's own network.
//
//     node examples/dist/webhook.js https://partner.example/hook '{"event":"paid"}'
//
// The name is resolved here, its addresses are checked, and the connection goes to an address that was checked. If the
// name were resolved once more to connect, the stranger's DNS server could answer differently (DNS rebinding). `Host`,
// SNI and the certificate are still those of the name. Redirects are not followed: each could lead anywhere.

import { lookup } from 'node:dns/promises';
import { BlockList, isIPv6 } from 'node:net';
import { fileURLToPath } from 'node:url';

import {
  connectTCP,
  HTTPConnection,
  HTTPSConnection,
  isSuccess,
  quote,
  type Connector,
  type TLSContext,
} from '@http-client/client';

/** Milliseconds for all of a delivery: a stranger's server may take as long as it is given. */
const WITHIN = 10_000;

/** Services at other ports might take a line of the message for a command. */
const PORTS = [80, 443];

/** Networks that are not part of the internet (IANA's special-purpose address registries, RFC 6890), and multicast. */
const SPECIAL: readonly string[] = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
];

/** All that IPv6 has on the internet; outside, IPv4 addresses are embedded in several ways. */
const GLOBAL_IPV6 = '2000::/3';

const special = networks(SPECIAL);
const globalIPv6 = networks([GLOBAL_IPV6]);

function networks(names: readonly string[]): BlockList {
  const list = new BlockList();
  for (const name of names) {
    const [address = '', bits] = name.split('/');
    list.addSubnet(address, Number(bits), familyOf(address));
  }
  return list;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

/** Whether an address is one on the internet. */
export function isPublic(address: string): boolean {
  const family = familyOf(address);
  if (family === 'ipv6' && !globalIPv6.check(address, family)) return false;
  return !special.check(address, family);
}

export interface DeliverOptions {
  /** Milliseconds for all of it; 10 seconds by default. */
  within?: number;
  /** Whether this address and port may be connected to. By default: a public address, and the ports of HTTP. */
  mayReach?: (address: string, port: number) => boolean;
  /** Returns the addresses of a name, in the order in which they are tried. By default, the system is asked. */
  resolve?: (name: string) => Promise<readonly string[]>;
  /** The TLS settings. */
  context?: TLSContext;
}

/** What the receiver replied. */
export interface Receipt {
  readonly status: number;
  readonly reason: string;
}

/**
 * Sends a message, and returns the reply. If the `delivery` of an error is `'unsent'`, the receiver has seen nothing of
 * the message; otherwise it may have it, and must be able to recognise a repetition.
 */
export async function deliver(url: URL, message: string, options: DeliverOptions = {}): Promise<Receipt> {
  const { within = WITHIN, mayReach = isReachable, resolve = addressesOf, context } = options;
  const signal = AbortSignal.timeout(within);
  const connector = guarded(mayReach, resolve);
  const connection =
    url.protocol === 'https:'
      ? new HTTPSConnection(url.host, undefined, { connector, context })
      : new HTTPConnection(url.host, undefined, { connector });
  try {
    await connection.request('POST', `${url.pathname}${url.search}`, {
      headers: { 'Content-Type': 'application/json', Connection: 'close' },
      body: new TextEncoder().encode(message),
      signal,
    });
    const response = await connection.getResponse({ signal });
    // The body is not read: it may be endless, and only the status counts. `connection.close()` would not end it.
    response.close();
    return { status: response.status, reason: response.reason };
  } finally {
    connection.close();
  }
}

function isReachable(address: string, port: number): boolean {
  return PORTS.includes(port) && isPublic(address);
}

async function addressesOf(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

/** Opens a connection to an address of the target's host, if all of them may be reached. */
function guarded(
  mayReach: (address: string, port: number) => boolean,
  resolve: (name: string) => Promise<readonly string[]>,
): Connector {
  return async (target) => {
    const { host, port, signal } = target;
    const addresses = await resolve(host);
    // One forbidden address is enough: nobody has a receiver that is on the internet and in this network as well.
    const forbidden = addresses.find((address) => !mayReach(address, port));
    if (forbidden !== undefined)
      throw new Error(`Cannot deliver to ${quote(host)}: ${forbidden}, port ${port} is out of bounds`);
    let failure: unknown = new Error(`Cannot deliver to ${quote(host)}: it has no address`);
    for (const address of addresses) {
      try {
        return await connectTCP({ ...target, host: address });
      } catch (error) {
        signal?.throwIfAborted();
        failure = error;
      }
    }
    throw failure;
  };
}

/** The URL from the command line; throws unless its scheme is supported. */
function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new TypeError(`Cannot use ${quote(text)} as a URL: expected http://HOST/ or https://HOST/`);
}

async function main([text, message]: readonly string[]): Promise<number> {
  if (text === undefined || message === undefined) {
    console.error('usage: webhook URL MESSAGE');
    return 2;
  }
  const { status, reason } = await deliver(urlOf(text), message);
  console.log(`${isSuccess(status) ? 'delivered' : 'refused'}: ${status} ${quote(reason)}`);
  return isSuccess(status) ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`webhook: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  });
}
