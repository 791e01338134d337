/**
 * What a connection runs on: five members, so that a platform team can bring its own (a proxy library's socket,
 * a serial line, a recorded exchange).
 */
export interface Transport {
  /**
   * The next bytes, never an empty array, the caller's to keep; `null` at end of stream. Waits while there are none.
   * One call may be pending at a time.
   */
  read(): Promise<Uint8Array | null>;
  /**
   * Settles when more may be written, which is the back-pressure. Until then `data` is left alone by the caller;
   * after that it may be reused.
   */
  write(data: Uint8Array): Promise<void>;
  /** Several arrays in one write, on a transport that can. */
  writev?(parts: readonly Uint8Array[]): Promise<void>;
  /** Closes both directions at once; a pending read and a pending write settle. */
  close(): void;
  /** The system's number for the descriptor, on a platform that shows one. */
  readonly fileno?: number;
}

/** The part of the web's `AbortSignal` that is relied on where the platform's types do not declare one. */
export interface AbortSignalLike {
  /** Whether it has been aborted. */
  readonly aborted: boolean;
  /** What it was aborted with: that is what an operation rejects with. */
  readonly reason: unknown;
  /** Calls the listener when it is aborted. */
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  /** Forgets the listener: what is over leaves none behind. */
  removeEventListener(type: 'abort', listener: () => void): void;
}

// This package's sources know neither Node's nor the DOM's types: the reader's own `AbortSignal` is looked up
// where the declaration is used.
type PlatformAbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } }
  ? Signal
  : AbortSignalLike & { throwIfAborted(): void };

/** Where a {@link Connector} shall connect to, and on what terms. */
export interface ConnectTarget {
  /** A name or an address; an IPv6 address without brackets. */
  host: string;
  /** 1 to 65,535. */
  port: number;
  /** Milliseconds until the attempt is given up; no bound where absent. */
  timeout?: number;
  /** Gives the attempt up at once, with the signal's own reason. */
  signal?: PlatformAbortSignal;
  /** The local address and port to connect from. */
  sourceAddress?: readonly [host: string, port: number];
}

/** Opens a transport: TCP, a Unix domain socket, TLS over another connector. */
export type Connector = (target: ConnectTarget) => Promise<Transport>;
