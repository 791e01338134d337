import { brand } from './brand.js';

/**
 * How far a request got before its error: `'unsent'`, not one byte left; `'partial'`, some did; `'sent'`, all did;
 * `'answered'`, bytes of a response had come.
 */
export type Delivery = 'unsent' | 'partial' | 'sent' | 'answered';

/** What every error of this package may be given beside its message. */
export interface ExceptionFields {
  /** The error that led to this one. */
  cause?: unknown;
  /** How far the request got. */
  delivery?: Delivery | undefined;
}

/**
 * The base of all that the peer or the network can do wrong.
 *
 * `code` and class are what a program may rely on; the message is for people and may change.
 */
export class HTTPException extends Error {
  /** The `code` of the errors of this class. */
  static readonly code: string = /* @__PURE__ */ brand(this, 'HTTPException', 'HTTP_EXCEPTION');
  /** Tells the kinds of error apart, also across two copies of this package: `'HTTP_INCOMPLETE_READ'`. */
  readonly code: string;
  /** How far the request got that this error ended; absent where there was none. */
  declare delivery: Delivery | undefined;

  constructor(message: string, fields?: ExceptionFields & { code?: string | undefined }) {
    super(message, fields);
    this.code = fields?.code ?? new.target.code;
    // No own property where there is nothing to say: it would be printed with every error.
    if (fields?.delivery !== undefined) this.delivery = fields.delivery;
  }
}

/** Whether a value is an {@link HTTPException}, made by this copy of the package or by another one. */
export function isHTTPException(value: unknown): value is HTTPException {
  return value instanceof HTTPException;
}
