import { brand } from './brand.js';
import { HTTPException, type Taking } from './exception.js';

/** Something was to be sent (`request`, `endHeaders`, `send`) without a connection, and `autoOpen` is off. */
export class NotConnected extends HTTPException {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'NotConnected');
  declare readonly code: 'HTTP_NOT_CONNECTED';
}

/** An invalid host, port or target: a port out of range, a URL in place of a host, whitespace, a control character. */
export class InvalidURL extends HTTPException {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'InvalidURL');
  declare readonly code: 'HTTP_INVALID_URL';
}

/** A file was opened in a mode in which it cannot be sent. Exists for parity with Python: nothing throws it. */
export class UnimplementedFileMode extends HTTPException {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'UnimplementedFileMode');
  declare readonly code: 'HTTP_UNIMPLEMENTED_FILE_MODE';
}

/** A call that the connection's state does not allow. It leaves the connection unchanged. */
export class ImproperConnectionState extends HTTPException {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'ImproperConnectionState');
  declare readonly code:
    | 'HTTP_IMPROPER_CONNECTION_STATE'
    | 'HTTP_CANNOT_SEND_REQUEST'
    | 'HTTP_CANNOT_SEND_HEADER'
    | 'HTTP_RESPONSE_NOT_READY';
}

/** The states of a connection: no request in progress, its head begun, its head sent. */
export type ConnectionState = 'Idle' | 'Request-started' | 'Request-sent';

/**
 * A request was started before the current one was sent and its response returned by `getResponse`, or
 * `send` was called when there was no request to add to.
 */
export class CannotSendRequest extends (ImproperConnectionState as Taking<
  { state: ConnectionState },
  typeof ImproperConnectionState
>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'CannotSendRequest');
  declare readonly code: 'HTTP_CANNOT_SEND_REQUEST';
  /** The state that the connection was in, and still is. */
  declare readonly state: ConnectionState;
}

/** A header field was added, or the head ended, when no request had been started. */
export class CannotSendHeader extends ImproperConnectionState {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'CannotSendHeader');
  declare readonly code: 'HTTP_CANNOT_SEND_HEADER';
}

/** A response was requested before its request was sent, while an earlier response is unread, or twice. */
export class ResponseNotReady extends (ImproperConnectionState as Taking<
  { state: ConnectionState },
  typeof ImproperConnectionState
>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'ResponseNotReady');
  declare readonly code: 'HTTP_RESPONSE_NOT_READY';
  /** The state that the connection was in, and still is. */
  declare readonly state: ConnectionState;
}
