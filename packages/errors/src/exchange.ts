import { brand } from './brand.js';
import { HTTPException, type Taking } from './exception.js';

/** What a connection was waiting for when it timed out. */
export type TimeoutPhase = 'connect' | 'tunnel' | 'tls' | 'send' | 'headers' | 'body' | 'continue';

/** A wait exceeded its `timeout`: that of a connection, of a connector, of `openTunnel` or of `startTLS`. */
export class TimeoutError extends (HTTPException as Taking<{ phase: TimeoutPhase }>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'TimeoutError', 'ETIMEDOUT');
  declare readonly code: 'ETIMEDOUT';
  /** What the connection was waiting for. */
  declare readonly phase: TimeoutPhase;
}

/** The reading half of an `HTTPMessage`, which is defined in a package above this one. */
export interface HeaderFields extends Iterable<[string, string]> {
  /** The value of the first field of that name, whatever its case. */
  get(name: string): string | undefined;
  /** The values of all fields of that name, in order. */
  getAll(name: string): string[];
  /** Whether there is a field of that name. */
  has(name: string): boolean;
}

/** The proxy refused CONNECT (RFC 9110, section 9.3.6). */
export class TunnelError extends (HTTPException as Taking<{
  status: number;
  reason: string;
  headers: HeaderFields;
  body: Uint8Array;
}>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'TunnelError');
  declare readonly code: 'HTTP_TUNNEL_ERROR';
  /** The status code of the proxy's response. */
  declare readonly status: number;
  /** The reason phrase of the response, `''` if there is none. */
  declare readonly reason: string;
  /** The header fields of the response. */
  declare readonly headers: HeaderFields;
  /** The body of the response, up to 64 KiB. */
  declare readonly body: Uint8Array;
}
