/** Sessions kept per context: more than the servers that most programs connect to, at about two kilobytes each. */
const MOST = 256;

/**
 * The newest session with each server, for the next connection to resume (RFC 8446, section 2.2).
 *
 * In a resumed handshake the server shows no certificate again. So a connection that verifies must only find sessions
 * here whose server has proved its identity, by a certificate that has not expired since: each resumption may bring a
 * new session, without end (section 4.6.1).
 */
export class Sessions {
  readonly #sessions = new Map<string, (by: unknown) => Buffer | undefined>();

  /** A session counts only with the `checkServerIdentity` that it was established with: a resumption calls none. */
  get(server: string, check: unknown): Buffer | undefined {
    return this.#sessions.get(server)?.(check);
  }

  /** `expiry` is that of the server's certificate, in milliseconds as from `Date.now()`. */
  keep(server: string, session: Buffer, expiry: number, check: unknown): void {
    // Moves to the end: the session that was not renewed for the longest time is the first to go.
    this.#sessions.delete(server);
    this.#sessions.set(server, (by) => (by === check && Date.now() < expiry ? session : undefined));
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MOST) this.#sessions.delete(oldest!);
  }

  /** Forgets the session after a failed handshake: the next handshake is a full one. */
  drop(server: string): void {
    this.#sessions.delete(server);
  }
}
