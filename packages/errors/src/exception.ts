import { brand } from './brand.js';

/**
 * How far a request got before its error: `'unsent'`, no byte was sent; `'partial'`, some were; `'sent'`, all were;
 * `'answered'`, bytes of a response had been received.
 */
export type Delivery = 'unsent' | 'partial' | 'sent' | 'answered';

/** What every error of this package may be given besides its message. */
export interface ExceptionFields {
  /** The error that led to this one. */
  cause?: unknown;
  /** How far the request got. */
  delivery?: Delivery | undefined;
}

/**
 * The base class of all errors defined here: what the peer or the network does wrong, and misuse of a connection.
 *
 * Programs may rely on `code` and on the class. The message is for people, and may change.
 */
export class HTTPException extends Error {
  /** The `code` of errors of this class. */
  static readonly code: string = /* @__PURE__ */ brand(() => this, 'HTTPException', 'HTTP_EXCEPTION');
  /** Identifies the kind of error, also across two copies of this package: `'HTTP_INCOMPLETE_READ'`. */
  declare readonly code: string;
  /** How far the request got that this error ended, `'unsent'` also for a `connect`; absent if there was neither. */
  declare delivery: Delivery | undefined;

  /**
   * Creates an error. Each of `fields` becomes a property unless it is undefined; `code` is by default the class's. Bytes
   * are not enumerable: a logger would write a body into the log, each byte under an index.
   */
  constructor(message: string, fields: ExceptionFields & { code?: string | undefined } = {}) {
    // Undefined fields are left out, including `cause`: every printed error would show them.
    super(message, fields.cause === undefined ? undefined : fields);
    this.code = new.target.code;
    // Subclasses need no constructor: their fields are set here. `cause` stays non-enumerable, as Error defined it.
    const own = this as unknown as Record<string, unknown>;
    for (const [name, value] of Object.entries(fields) as [string, unknown][]) {
      if (ArrayBuffer.isView(value))
        Object.defineProperty(own, name, { value, configurable: true, writable: true });
      else if (value !== undefined) own[name] = value;
    }
  }
}

/**
 * A class as the parent of one whose constructor requires fields. It is written in the `extends` clause, where it costs
 * nothing at run time; the class body declares the fields of its instances.
 */
export type Taking<Fields, Parent extends typeof HTTPException = typeof HTTPException> = Omit<
  Parent,
  'prototype'
> &
  (new (message: string, fields: ExceptionFields & Fields) => InstanceType<Parent>);

/** Whether a value is an {@link HTTPException}, from this copy of the package or another. */
export function isHTTPException(value: unknown): value is HTTPException {
  return value instanceof HTTPException;
}
