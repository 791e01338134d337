import { InvalidURL, quote } from '@http-client/errors';
import { validateHost } from '@http-client/headers';
import { domainToASCII } from 'node:url';

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
 * @throws InvalidURL for what is no host.
 */
export function serverNameOf(name: string): ServerName {
  const bare = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
  if (bare === '') throw new InvalidURL(`Cannot use ${quote(name)} as a server name: it is empty`);
  validateHost(bare);
  // A zone names an interface of this machine, and no certificate knows it (RFC 4007, section 11).
  if (bare.includes(':')) return { host: bare.replace(/%.*$/, '') };
  if (IPV4.test(bare)) return { host: bare };
  const host = toASCII(bare);
  // The dot that ends an absolute name is not part of what is sent (RFC 6066, section 3).
  return { host, servername: host.replace(/\.$/, '') };
}

/** IDNA (UTS 46), where it is needed: names with an underscore, say, are used as they are. */
function toASCII(name: string): string {
  if (/^[ -~]*$/.test(name)) return name;
  const ascii = domainToASCII(name);
  if (ascii !== '') return ascii;
  throw new InvalidURL(
    `Cannot use ${quote(name)} as a server name: it is no internationalized domain name (UTS 46)`,
  );
}
