export { HTTPException, HTTPException as error, isHTTPException } from './exception.js';
export type { Delivery, ExceptionFields } from './exception.js';
export {
  CannotSendHeader,
  CannotSendRequest,
  ImproperConnectionState,
  InvalidURL,
  NotConnected,
  ResponseNotReady,
  UnimplementedFileMode,
} from './misuse.js';
export type { ConnectionState } from './misuse.js';
export {
  BadStatusLine,
  IncompleteRead,
  InvalidChunk,
  InvalidHeader,
  LineTooLong,
  RemoteDisconnected,
  TooManyHeaders,
  UnknownProtocol,
  UnknownTransferEncoding,
} from './received.js';
export { TimeoutError, TunnelError } from './exchange.js';
export type { HeaderFields, TimeoutPhase } from './exchange.js';
export { quote } from './quote.js';

// For the packages above this one; not in the declarations.
/** @internal */
export {
  checkBytes,
  checkInteger,
  checkObject,
  checkOptionNames,
  checkSignal,
  checkTimeout,
  checkType,
} from './arguments.js';
/** @internal */
export type { OptionNames } from './arguments.js';
/** @internal */
export { cannotUse, quoteValue } from './quote.js';
/** @internal */
export { lineTooLong } from './received.js';
