import { brand } from './brand.js';
import { HTTPException, type ExceptionFields } from './exception.js';

/** What a connection was waiting for when its time ran out. */
export type TimeoutPhase = 'connect' | 'tunnel' | 'tls' | 'send' | 'headers' | 'body' | 'continue';

/** A wait took longer than the connection's `timeout`. */
export class TimeoutError extends HTTPException {
  static override readonly code = /* @__PURE__ */ brand(this, 'TimeoutError', 'ETIMEDOUT');
  declare readonly code: 'ETIMEDOUT';
  /** What was being waited for. */
  readonly phase: TimeoutPhase;

  constructor(message: string, fields: ExceptionFields & { phase: TimeoutPhase }) {
    super(message, fields);
    this.phase = fields.phase;
  }
}

/** The reading half of an `HTTPMessage`, which stands in a package above this one. */
export interface HeaderFields extends Iterable<[string, string]> {
  get(name: string): string | undefined;
  getAll(name: string): string[];
  has(name: string): boolean;
}

/** What a proxy answered where it refused to open a tunnel. */
export interface TunnelRefusal {
  status: number;
  reason: string;
  headers: HeaderFields;
  body: Uint8Array;
}

/** The proxy refused CONNECT (RFC 9110, section 9.3.6). */
export class TunnelError extends HTTPException implements Readonly<TunnelRefusal> {
  static override readonly code = /* @__PURE__ */ brand(this, 'TunnelError', 'HTTP_TUNNEL_ERROR');
  declare readonly code: 'HTTP_TUNNEL_ERROR';
  /** The status code of the proxy's answer. */
  readonly status: number;
  /** Its reason phrase; `''` where it gave none. */
  readonly reason: string;
  /** Its header fields. */
  readonly headers: HeaderFields;
  /** What it said, up to 64 KiB. */
  readonly body: Uint8Array;

  constructor(message: string, fields: ExceptionFields & TunnelRefusal) {
    super(message, fields);
    this.status = fields.status;
    this.reason = fields.reason;
    this.headers = fields.headers;
    this.body = fields.body;
  }
}
