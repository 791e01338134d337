import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import { TOKEN_FIELD } from './api.js';

/**
 * Decides who is listened to. The server makes requests for whoever reaches it, from inside this machine and whatever
 * network it is in, so that nobody may reach it but the page that it serves itself. Against whom:
 *
 * - Other machines: it listens on 127.0.0.1 alone.
 * - Another site in the same browser that sends requests here (CSRF): each request of a browser's that is not the page's
 *   own has another `Origin`, or says in `Sec-Fetch-Site` that it comes from elsewhere; and it has no token.
 * - Another site whose name is made to lead to 127.0.0.1 (DNS rebinding), which is of one origin with this server for the
 *   browser: its `Host` is that name.
 * - Other users and programs of this machine, who can send what they like: they have no token. It is made anew each
 *   time, told to the terminal alone, and reaches the page in the fragment of its address, which browsers neither send
 *   nor put into Referer. No cookie: that would go to every other server on 127.0.0.1 too, whatever its port.
 */
export class Guard {
  readonly token = randomBytes(24).toString('base64url');
  readonly #hosts: readonly string[];

  constructor(port: number) {
    this.#hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  }

  /** Where the page is, with its token. */
  get address(): string {
    return `http://${this.#hosts[0]}/#key=${this.token}`;
  }

  /** Why a request is refused that is for the page itself, which holds no secret; undefined where it is not. */
  refusesPage({ headers: { host, origin } }: IncomingMessage): string | undefined {
    if (host === undefined || !this.#hosts.includes(host))
      return `This server is ${this.#hosts[0]}, and answers to no other Host`;
    if (origin !== undefined && origin !== `http://${host}`)
      return 'Only the page of this server may ask, and this Origin is another';
    return undefined;
  }

  /** Why a request to the API is refused; undefined where it is the page's own. */
  refusesCall(request: IncomingMessage): string | undefined {
    const refusal = this.refusesPage(request);
    if (refusal !== undefined) return refusal;
    const { origin, 'sec-fetch-site': site = 'same-origin' } = request.headers;
    // Browsers send it with every POST, and the API has nothing else.
    if (origin === undefined || site !== 'same-origin') return 'Only the page of this server may ask';
    if (!this.#isToken(request.headers[TOKEN_FIELD]))
      return 'The key is missing, or an old one: open the address that the terminal shows';
    return undefined;
  }

  #isToken(given: string | readonly string[] | undefined): boolean {
    if (typeof given !== 'string') return false;
    const [left, right] = [Buffer.from(given), Buffer.from(this.token)];
    return left.length === right.length && timingSafeEqual(left, right);
  }
}
