import { uriHost, validateHost, validatePort, withoutBrackets } from '@http-client/headers';

/**
 * Host and port as in CONNECT and its Host field: always with the port.
 *
 *     authority-form = uri-host ":" port      (RFC 9112, section 3.2.3)
 *
 * @throws InvalidURL for an invalid host or port.
 */
export function connectAuthority(host: string, port: number): string {
  const bare = withoutBrackets(host);
  validateHost(bare);
  validatePort(port);
  return `${uriHost(bare)}:${port}`;
}
