import { brand } from './brand.js';
import { HTTPException, type ExceptionFields } from './exception.js';

/** The states of a connection that a call can be refused in. */
export type ConnectionState = 'Idle' | 'Request-started' | 'Request-sent';

/** `send()` was called with no connection, and opening one by itself is switched off. */
export class NotConnected extends HTTPException {
  static override readonly code = /* @__PURE__ */ brand(this, 'NotConnected', 'HTTP_NOT_CONNECTED');
  declare readonly code: 'HTTP_NOT_CONNECTED';
}

/** A port that is no number or out of range, or a control character in a host or a request target. */
export class InvalidURL extends HTTPException {
  static override readonly code = /* @__PURE__ */ brand(this, 'InvalidURL', 'HTTP_INVALID_URL');
  declare readonly code: 'HTTP_INVALID_URL';
}

/** A file that cannot be sent in the way it was opened. */
export class UnimplementedFileMode extends HTTPException {
  static override readonly code = /* @__PURE__ */ brand(
    this,
    'UnimplementedFileMode',
    'HTTP_UNIMPLEMENTED_FILE_MODE',
  );
  declare readonly code: 'HTTP_UNIMPLEMENTED_FILE_MODE';
}

type ImproperConnectionStateCode =
  | 'HTTP_IMPROPER_CONNECTION_STATE'
  | 'HTTP_CANNOT_SEND_REQUEST'
  | 'HTTP_CANNOT_SEND_HEADER'
  | 'HTTP_RESPONSE_NOT_READY';

/** A call that the connection's state does not allow; the connection is as it was before. */
export class ImproperConnectionState extends HTTPException {
  static override readonly code: ImproperConnectionStateCode = /* @__PURE__ */ brand(
    this,
    'ImproperConnectionState',
    'HTTP_IMPROPER_CONNECTION_STATE',
  );
  declare readonly code: ImproperConnectionStateCode;
}

/** A request was begun while another one is under way, or its response unread. */
export class CannotSendRequest extends ImproperConnectionState {
  static override readonly code = /* @__PURE__ */ brand(
    this,
    'CannotSendRequest',
    'HTTP_CANNOT_SEND_REQUEST',
  );
  declare readonly code: 'HTTP_CANNOT_SEND_REQUEST';
  /** The state that the connection was and is in. */
  readonly state: ConnectionState;

  constructor(message: string, fields: ExceptionFields & { state: ConnectionState }) {
    super(message, fields);
    this.state = fields.state;
  }
}

/** A header field was put, or the head ended, where no request has been started. */
export class CannotSendHeader extends ImproperConnectionState {
  static override readonly code = /* @__PURE__ */ brand(this, 'CannotSendHeader', 'HTTP_CANNOT_SEND_HEADER');
  declare readonly code: 'HTTP_CANNOT_SEND_HEADER';
}

/** A response was asked for before its request was sent, or while an earlier one is unread. */
export class ResponseNotReady extends ImproperConnectionState {
  static override readonly code = /* @__PURE__ */ brand(this, 'ResponseNotReady', 'HTTP_RESPONSE_NOT_READY');
  declare readonly code: 'HTTP_RESPONSE_NOT_READY';
  /** The state that the connection was and is in. */
  readonly state: ConnectionState;

  constructor(message: string, fields: ExceptionFields & { state: ConnectionState }) {
    super(message, fields);
    this.state = fields.state;
  }
}
