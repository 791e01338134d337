import type { ServerResponse } from 'node:http';

import { Failure } from '../failure.js';
import type { CallRequest, Settings, Update } from './api.js';
import type { Limits } from './limits.js';
import { PlaySession } from './session.js';
import type { EmbeddedServers } from './targets/embedded.js';

/** The current sessions. Each lasts as long as the stream of its updates, and within the limits. */
export class Sessions {
  readonly #embedded: EmbeddedServers;
  readonly #limits: Limits;
  readonly #sessions = new Map<string, PlaySession>();
  readonly #timer: NodeJS.Timeout;

  constructor(embedded: EmbeddedServers, limits: Limits) {
    this.#embedded = embedded;
    this.#limits = limits;
    this.#timer = setInterval(() => {
      this.#endIdle();
    }, limits.idleTime / 10);
    this.#timer.unref();
  }

  /**
   * Begins a session and writes its updates to `stream`, one per line. If there are too many sessions, the one that was
   * not used for the longest time is ended.
   *
   * @throws what PlaySession throws. In that case nothing has been written.
   */
  open(settings: Settings, stream: ServerResponse): void {
    const waiting: Update[] = [];
    let tell = (update: Update): void => void waiting.push(update);
    const session = new PlaySession(settings, this.#embedded, this.#limits, (update) => {
      tell(update);
    });
    if (this.#sessions.size >= this.#limits.sessions) this.#endOldest();
    this.#sessions.set(session.id, session);
    tell = (update) => {
      stream.write(`${JSON.stringify(update)}\n`);
      if (update.type === 'ended') {
        this.#sessions.delete(session.id);
        stream.end();
      } else if (stream.writableLength > this.#limits.unread) {
        setImmediate(() => {
          session.end('the page does not read its updates');
        });
      }
    };
    stream.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
    for (const update of waiting) tell(update);
    // The page was closed: nobody makes calls or reads updates any more.
    stream.on('close', () => {
      session.end('the page was closed');
    });
  }

  /**
   * Begins a call, and returns its number in the session. Its outcome is an update.
   *
   * @throws Failure if there is no such session, or it accepts no more calls.
   */
  call({ session: id, call }: CallRequest): number {
    const session = this.#sessions.get(id);
    if (session === undefined)
      throw new Failure(`Cannot call ${call.call}: there is no such session (any more)`);
    return session.call(call);
  }

  /** Ends all of them. */
  close(): void {
    clearInterval(this.#timer);
    for (const session of [...this.#sessions.values()]) session.end('the playground was stopped');
  }

  #endIdle(): void {
    const oldest = performance.now() - this.#limits.idleTime;
    for (const session of [...this.#sessions.values()]) {
      if (session.lastUsed < oldest)
        session.end(`nothing was called for ${this.#limits.idleTime / 60_000} minutes`);
    }
  }

  #endOldest(): void {
    const [oldest] = [...this.#sessions.values()].sort((a, b) => a.lastUsed - b.lastUsed);
    oldest?.end(`another page needed its place: there are at most ${this.#limits.sessions} sessions`);
  }
}
