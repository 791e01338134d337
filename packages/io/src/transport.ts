/**
 * What a connection runs on. It has only five members, so that anyone can implement one (a proxy library's socket, a
 * serial line, a recorded exchange).
 */
export interface Transport {
  /**
   * The next bytes, never an empty array, which the caller may keep; `null` at the end of the stream. Waits while there
   * are none. Only one call may be pending at a time.
   */
  read(): Promise<Uint8Array | null>;
  /**
   * Writes, and settles when more may be written: this is the back-pressure. The caller leaves `data` untouched until
   * then, and may reuse it afterwards.
   */
  write(data: Uint8Array): Promise<void>;
  /** Writes several arrays at once, on a transport that can. */
  writev?(parts: readonly Uint8Array[]): Promise<void>;
  /** Closes both directions immediately; a pending read and a pending write settle. */
  close(): void;
  /** The number of the file descriptor, on platforms that expose it. */
  readonly fileno?: number | undefined;
}

/** The part of the web's `AbortSignal` that is used, for platforms whose types do not declare one. */
export interface AbortSignalLike {
  /** Whether it has been aborted. */
  readonly aborted: boolean;
  /** What it was aborted with; an operation rejects with it. */
  readonly reason: unknown;
  /** Calls the listener when it is aborted. */
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  /** Removes the listener: an operation that has ended leaves none behind. */
  removeEventListener(type: 'abort', listener: () => void): void;
}

// This package is compiled without the types of Node or the DOM: `AbortSignal` is looked up among those of the user,
// where the declaration is used.
type PlatformAbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } }
  ? Signal
  : AbortSignalLike & { throwIfAborted(): void };

/** Where a {@link Connector} connects to, and on what terms. */
export interface ConnectTarget {
  /** A name or an address; an IPv6 address without brackets. */
  host: string;
  /** 1 to 65,535. */
  port: number;
  /** Milliseconds until the attempt is aborted; unlimited if absent. */
  timeout?: number | undefined;
  /** Aborts the attempt at once, with the signal's own reason. */
  signal?: PlatformAbortSignal | undefined;
  /** The local address and port to connect from. */
  sourceAddress?: readonly [host: string, port: number] | undefined;
}

/** Opens a transport: TCP, a Unix domain socket, TLS over another connector. */
export type Connector = (target: ConnectTarget) => Promise<Transport>;
