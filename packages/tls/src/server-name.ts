import { hostToASCII, validateHost, withoutBrackets } from '@http-client/headers';

/** Who the peer has to prove to be. */
export interface ServerName {
  /** What the certificate must name: a name in ASCII, or an address without brackets and zone. */
  readonly host: string;
  /** What the server is asked for (SNI); absent for an address, which may not be sent (RFC 6066, section 3). */
  readonly servername?: string;
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?!$)|$)){4}$/;

/**
 * The name of a server as TLS needs it.
 *
 * @throws InvalidURL for what is not a host.
 */
export function serverNameOf(name: string): ServerName {
  const bare = withoutBrackets(name);
  validateHost(bare);
  // A zone names an interface of this machine, and no certificate knows it (RFC 4007, section 11).
  if (bare.includes(':')) return { host: bare.replace(/%.*$/, '') };
  const host = hostToASCII(bare);
  // Of any script: `１２７．０．０．１` is mapped to an address.
  if (IPV4.test(host)) return { host };
  // The dot that ends an absolute name is not part of what is sent (RFC 6066, section 3).
  return { host, servername: host.replace(/\.$/, '') };
}
