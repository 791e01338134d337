/** Sessions kept with one context: more servers than most programs speak to, at about two kilobytes each. */
const MOST = 256;

/**
 * The newest session with each server, for the next connection to resume (RFC 8446, section 2.2).
 *
 * Only sessions of servers that have proved who they are belong here: in a resumed handshake the server shows no
 * certificate again.
 */
export class Sessions {
  readonly #sessions = new Map<string, Buffer>();

  get(server: string): Buffer | undefined {
    return this.#sessions.get(server);
  }

  keep(server: string, session: Buffer): void {
    // Behind the others: the one that was not renewed for the longest time is the first to go.
    this.#sessions.delete(server);
    this.#sessions.set(server, session);
    if (this.#sessions.size <= MOST) return;
    for (const oldest of this.#sessions.keys()) {
      this.#sessions.delete(oldest);
      return;
    }
  }

  /** A handshake failed with it: the next one begins anew. */
  drop(server: string): void {
    this.#sessions.delete(server);
  }
}
