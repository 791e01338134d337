import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import { TOKEN_FIELD } from './api.js';

/**
 * Decides which requests are accepted. The server sends requests on behalf of its clients, from this machine and its
 * network, so that only the page that it serves may use it. The threats:
 *
 * - Other machines: it listens only on 127.0.0.1.
 * - Another site in the same browser that sends requests here (CSRF): such a request has another `Origin`, or a
 *   `Sec-Fetch-Site` that says that it comes from another site; and it lacks the token.
 * - Another site whose name is made to resolve to 127.0.0.1 (DNS rebinding), so that for the browser it has the same
 *   origin as this server: its `Host` is that name.
 * - Other users and programs of this machine, which can send anything: they lack the token. It is generated at each
 *   start, shown only in the terminal, and reaches the page in the fragment of its address, which browsers neither
 *   send nor put into Referer. It is not a cookie: those are sent to every server on 127.0.0.1, whatever its port.
 */
export class Guard {
  readonly token = randomBytes(24).toString('base64url');
  readonly #hosts: readonly string[];

  constructor(port: number) {
    this.#hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  }

  /** The address of the page, with its token. */
  get address(): string {
    return `http://${this.#hosts[0]}/#key=${this.token}`;
  }

  /** Why a request for the page itself, which contains no secret, is refused; undefined if it is not. */
  refusesPage({ headers: { host, origin } }: IncomingMessage): string | undefined {
    if (host === undefined || !this.#hosts.includes(host))
      return `This server is ${this.#hosts[0]}, and accepts no other Host`;
    if (origin !== undefined && origin !== `http://${host}`)
      return 'Only the page of this server may send requests, and this Origin is another';
    return undefined;
  }

  /** Why a request to the API is refused; undefined if it is from the page. */
  refusesCall(request: IncomingMessage): string | undefined {
    const refusal = this.refusesPage(request);
    if (refusal !== undefined) return refusal;
    const { origin, 'sec-fetch-site': site = 'same-origin' } = request.headers;
    // Browsers send Origin with every POST, and the API has no other method.
    if (origin === undefined || site !== 'same-origin')
      return 'Only the page of this server may send requests';
    if (!this.#isToken(request.headers[TOKEN_FIELD]))
      return 'The key is missing or outdated: open the address that the terminal shows';
    return undefined;
  }

  #isToken(given: string | readonly string[] | undefined): boolean {
    if (typeof given !== 'string') return false;
    const [left, right] = [Buffer.from(given), Buffer.from(this.token)];
    return left.length === right.length && timingSafeEqual(left, right);
  }
}
