import { HTTPConnection, type HTTPConnectionOptions } from '../index.js';
import {
  afterRequest,
  scriptedConnector,
  scriptedTransport,
  type ScriptedConnector,
  type ScriptedTransport,
  type ScriptStep,
} from '../testing.js';
import { answer } from './stage.js';

/** The reply of a proxy that opens a tunnel. */
export const OPEN = 'HTTP/1.1 200 Connection established\r\nX-Proxy: y\r\n\r\n';

/** The reply of a proxy that requires authentication. */
export const CHALLENGE = 'HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\nContent-Length: 4\r\n\r\nwho?';

/** A tunnel, and a response through it: `hello`. */
export const HELLO: readonly ScriptStep[] = [OPEN, afterRequest(), answer('hello')];

/** A connection to `proxy.com:3128`, which plays these scripts, one for each transport. */
export function proxied(
  scripts: Iterable<readonly ScriptStep[]>,
  options: HTTPConnectionOptions = {},
): { connection: HTTPConnection; transports: readonly ScriptedTransport[]; connector: ScriptedConnector } {
  const transports = Array.from(scripts, (script) => scriptedTransport(script));
  const connector = scriptedConnector(transports);
  const connection = new HTTPConnection('proxy.com', 3128, { connector, ...options });
  return { connection, transports, connector };
}
