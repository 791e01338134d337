import { InvalidURL, quote } from '@http-client/errors';
import { validateHost } from '@http-client/headers';

/** What would end the host in an authority, or begin another part of a URL (RFC 3986, section 3.2); a zone is none of a name's. */
const DELIMITER = /["#%/<>?@[\\\]^`{|}]/;

/**
 * Host and port as CONNECT and its Host field name them: always with the port, IPv6 in brackets and without zone, which
 * names an interface of this machine, other names in ASCII by IDNA (UTS 46).
 *
 *     authority-form = uri-host ":" port      (RFC 9112, section 3.2.3)
 *
 * @throws InvalidURL for a host or a port that is none.
 */
export function connectAuthority(host: string, port: number): string {
  validateHost(host);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidURL(
      `Cannot use ${quote(String(port))} as a port: expected a whole number from 0 to 65535`,
    );
  }
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return `${bare.includes(':') ? `[${address(bare)}]` : name(bare)}:${port}`;
}

function address(host: string): string {
  const bare = host.replace(/%.*/, '');
  if (!URL.canParse(`http://[${bare}]`)) {
    throw new InvalidURL(`Cannot use ${quote(host)} as a host: it is no IPv6 address`);
  }
  return bare;
}

function name(host: string): string {
  const delimiter = DELIMITER.exec(host);
  if (host === '' || delimiter !== null) {
    const why = delimiter === null ? 'it is empty' : `${quote(delimiter[0])} may not stand in a name`;
    throw new InvalidURL(`Cannot use ${quote(host)} as a host: ${why}`);
  }
  if (/^[!-~]+$/.test(host)) return host;
  try {
    return new URL(`http://${host}`).hostname;
  } catch {
    throw new InvalidURL(
      `Cannot use ${quote(host)} as a host: it is no internationalized domain name (UTS 46)`,
    );
  }
}
