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
  /** The `code` that errors of this class are made with. */
  static readonly code: string = /* @__PURE__ */ brand(() => this, 'HTTPException', 'HTTP_EXCEPTION');
  /** Tells the kinds of error apart, across two copies of this package too: `'HTTP_INCOMPLETE_READ'`. */
  declare readonly code: string;
  /** How far the request got that this error ended; absent where there was no request. */
  declare delivery: Delivery | undefined;

  constructor(message: string, fields: ExceptionFields & { code?: string | undefined } = {}) {
    // An undefined field is left out, `cause` too: every printed error would show it.
    super(message, fields.cause === undefined ? undefined : fields);
    this.code = new.target.code;
    // Subclasses have no constructor of their own: their fields are set here. `cause` stays not enumerable, as Error
    // defined it.
    for (const [name, value] of Object.entries(fields) as [string, unknown][]) {
      if (value !== undefined) Object.assign(this, { [name]: value });
    }
  }
}

/**
 * A class as the parent of one whose constructor demands fields. To be written in the `extends` clause, where it costs
 * nothing at run time; the class body declares what its instances have.
 */
export type Taking<Fields, Parent extends typeof HTTPException = typeof HTTPException> = Omit<
  Parent,
  'prototype'
> &
  (new (message: string, fields: ExceptionFields & Fields) => InstanceType<Parent>);

/** Whether a value is an {@link HTTPException}, made by this copy of the package or by another one. */
export function isHTTPException(value: unknown): value is HTTPException {
  return value instanceof HTTPException;
}
