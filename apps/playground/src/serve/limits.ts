/**
 * What the server takes, keeps and waits for, at most. Bytes and milliseconds. It works for one person at one page; what
 * is beyond these comes from a peer or a page that is none of ours.
 */
export const LIMITS = {
  /** Sessions at a time: below the six connections that a browser opens to one server, of which each holds one. */
  sessions: 4,
  /** A session in which nothing is called for so long is ended. */
  idleTime: 15 * 60_000,
  /** One call, however little it waits each time: a peer may send a byte now and then, for ever. */
  callTime: 60_000,
  /** Calls of a session that may be under way at a time. */
  pendingCalls: 4,
  /** Calls that a session takes. */
  calls: 1000,
  /** What a session receives; with more it is ended. An answer may have no end. */
  received: 8 * 1024 * 1024,
  /** What is kept of it for the page, which shows it byte for byte; of the rest only the size is said. */
  wire: 256 * 1024,
  /** Ranges of bytes that are told one by one. A peer may send each byte as a chunk. */
  wireItems: 5000,
  /** What is kept of a body that was read. */
  shownBody: 64 * 1024,
  /** What waits to be read by a page; it is given up then. */
  unread: 8 * 1024 * 1024,
  /** A body that is composed in the page, and an answer that is judged. */
  body: 256 * 1024,
  /** The JSON text of a request to the API. */
  message: 1024 * 1024,
  /** A name, a value, a target. */
  text: 16 * 1024,
  fields: 200,
  /** Connections of browsers. */
  connections: 64,
} as const;

/** Those, or others: a test has no quarter of an hour. */
export type Limits = Readonly<Record<keyof typeof LIMITS, number>>;
