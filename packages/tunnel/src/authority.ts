import { uriHost, validateHost, validatePort, withoutBrackets } from '@http-client/headers';

/**
 * Host and port as in CONNECT and its Host field: always with the port.
 *
 *     authority-form = uri-host ":" port      (RFC 9112, section 3.2.3)
 *
 * @throws InvalidURL for an invalid host or port; TypeError for a host that is not a string.
 */
export function connectAuthority(host: string, port: number): string {
  // What is not a string is rejected below.
  const bare = typeof host === 'string' ? withoutBrackets(host) : host;
  validateHost(bare);
  validatePort(port);
  return `${uriHost(bare)}:${port}`;
}
