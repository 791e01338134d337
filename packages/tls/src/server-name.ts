import { hostToASCII, validateHost, withoutBrackets } from '@http-client/headers';

/** The identity that the peer has to prove. */
export interface ServerName {
  /** What the certificate must be for: a name in ASCII, or an address without brackets and zone. */
  readonly host: string;
  /** The server name that is sent (SNI); undefined for an address, which may not be sent (RFC 6066, section 3). */
  readonly servername: string | undefined;
}

/** An IPv4 address. A number may be too large in it, but that is no name either: no top-level domain is a number. */
const IPV4 = /^(?:\d+\.){3}\d+$/;

/**
 * The name of a server, in the forms that TLS needs.
 *
 * @throws InvalidURL for an invalid host; TypeError if it is not a string.
 */
export function serverNameOf(name: string): ServerName {
  const bare = withoutBrackets(name);
  validateHost(bare);
  // A zone names an interface of this machine, and is not part of any certificate (RFC 4007, section 11).
  if (bare.includes(':')) return { host: bare.replace(/%.*$/, ''), servername: undefined };
  // The trailing dot of an absolute name is not part of what is sent (RFC 6066, section 3). One without a name stays: in
  // place of an empty host, Node would check the certificate for `localhost`.
  const host = hostToASCII(bare).replace(/\b\.$/, '');
  // In any script: `１２７．０．０．１` is mapped to an address.
  return { host, servername: IPV4.test(host) ? undefined : host };
}
