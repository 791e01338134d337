/**
 * The limits on what the server accepts, keeps and waits for, in bytes and milliseconds. It is made for one person with
 * one page; whatever exceeds the limits comes from another kind of page or peer.
 */
export const LIMITS = {
  /** Sessions at a time. Each holds a connection, and a browser opens no more than six to one server. */
  sessions: 4,
  /** A session ends after this time without a call. */
  idleTime: 15 * 60_000,
  /** The duration of one call, however short its waits: a peer may send a byte now and then, for ever. */
  callTime: 60_000,
  /** Calls of a session that may be under way at a time. */
  pendingCalls: 4,
  /** Calls of a session in total. */
  calls: 1000,
  /** Bytes that a session receives; beyond that it ends. A response may be endless. */
  received: 8 * 1024 * 1024,
  /** Bytes on the wire that are kept for the page, which shows each of them. Of the rest, it shows only the size. */
  wire: 256 * 1024,
  /** Ranges of bytes that are reported one by one. A peer may send each byte as a chunk. */
  wireItems: 5000,
  /** Bytes that are kept of a body that was read. */
  shownBody: 64 * 1024,
  /** Bytes waiting to be read by a page; beyond that its session ends. */
  unread: 8 * 1024 * 1024,
  /** A body that is composed in the page, or a response to compare. */
  body: 256 * 1024,
  /** The JSON text of a request to the API. */
  message: 1024 * 1024,
  /** A name, a value, a target. */
  text: 16 * 1024,
  fields: 200,
  /** Connections of browsers. */
  connections: 64,
} as const;

/** The limits. Tests use smaller ones. */
export type Limits = Readonly<Record<keyof typeof LIMITS, number>>;
