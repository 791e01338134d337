import { hostToASCII, validateHost, withoutBrackets } from '@http-client/headers';

/** The identity that the peer has to prove. */
export interface ServerName {
  /** What the certificate must be for: a name in ASCII, or an address without brackets and zone. */
  readonly host: string;
  /** The server name that is sent (SNI); absent for an address, which may not be sent (RFC 6066, section 3). */
  readonly servername?: string;
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?!$)|$)){4}$/;

/**
 * The name of a server, in the forms that TLS needs.
 *
 * @throws InvalidURL for an invalid host.
 */
export function serverNameOf(name: string): ServerName {
  const bare = typeof name === 'string' ? withoutBrackets(name) : name;
  validateHost(bare);
  // A zone names an interface of this machine, and is not part of any certificate (RFC 4007, section 11).
  if (bare.includes(':')) return { host: bare.replace(/%.*$/, '') };
  // The trailing dot of an absolute name is not part of what is sent (RFC 6066, section 3).
  const host = hostToASCII(bare).replace(/\.$/, '');
  // In any script: `１２７．０．０．１` is mapped to an address.
  return IPV4.test(host) ? { host } : { host, servername: host };
}
