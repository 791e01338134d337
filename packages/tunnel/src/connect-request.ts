import { checkObject, quote } from '@http-client/errors';
import {
  HTTPMessage,
  uriHost,
  validateHost,
  validatePort,
  withoutBrackets,
  type HeadersInput,
} from '@http-client/headers';

/** Where a tunnel leads. */
export interface TunnelTarget {
  /** A name or an address; an IPv6 address with or without brackets. */
  host: string;
  /** 1 to 65,535. */
  port: number;
  /** Fields for the proxy only, sent in order. A `Host` among them replaces the automatic one. */
  headers?: HeadersInput | undefined;
}

/** The CONNECT request of a tunnel (RFC 9110, section 9.3.6). It can be amended and sent again. */
export class ConnectRequest {
  /**
   * The request target, which is also the value of Host: always with the port.
   *
   *     authority-form = uri-host ":" port      (RFC 9112, section 3.2.3)
   */
  readonly authority: string;
  readonly #headers: HTTPMessage;

  /** @throws InvalidURL for an invalid host or port; TypeError for a host that is not a string, and for the fields. */
  constructor(target: TunnelTarget) {
    checkObject(target, 'a target', 'host and port');
    const { host, port, headers } = target;
    const bare = withoutBrackets(host);
    validateHost(bare);
    validatePort(port);
    this.authority = `${uriHost(bare)}:${port}`;
    this.#headers = checked(new HTTPMessage(headers));
  }

  /** The head as it is sent. A CONNECT request has nothing else. */
  get head(): string {
    const lines = [`CONNECT ${this.authority} HTTP/1.1`];
    if (!this.#headers.has('host')) lines.push(`Host: ${this.authority}`);
    for (const [name, value] of this.#headers) lines.push(`${name}: ${value}`);
    return `${lines.join('\r\n')}\r\n\r\n`;
  }

  /** Adds fields, replacing those of the same names. */
  amend(fields: HeadersInput): void {
    const added = checked(new HTTPMessage(fields));
    for (const name of added.keys()) this.#headers.delete(name);
    for (const [name, value] of added) this.#headers.append(name, value);
  }
}

/**
 * Rejects fields that announce a body. CONNECT has none, and a proxy that believed them would take the first bytes of
 * the tunnel for it.
 */
function checked(headers: HTTPMessage): HTTPMessage {
  for (const [name, value] of headers) {
    if (/^transfer-encoding$/i.test(name) || (/^content-length$/i.test(name) && value !== '0')) {
      throw new TypeError(
        `Cannot send ${quote(`${name}: ${value}`)} with CONNECT: it has no body (RFC 9110, section 9.3.6)`,
      );
    }
  }
  return headers;
}
