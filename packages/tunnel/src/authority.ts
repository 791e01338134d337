import { uriHost, validateHost, validatePort, withoutBrackets } from '@http-client/headers';

/**
 * Host and port as CONNECT and its Host field name them: always with the port.
 *
 *     authority-form = uri-host ":" port      (RFC 9112, section 3.2.3)
 *
 * @throws InvalidURL for a host or a port that is none.
 */
export function connectAuthority(host: string, port: number): string {
  const bare = withoutBrackets(host);
  validateHost(bare);
  validatePort(port);
  return `${uriHost(bare)}:${port}`;
}
