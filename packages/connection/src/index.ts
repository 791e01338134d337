export type { RequestBody } from '@http-client/body';
export type { ConnectionState } from '@http-client/errors';
export type { Tolerance, Violation } from '@http-client/headers';
export type { TunnelOptions } from '@http-client/tunnel';

export { HTTP_PORT, HTTPConnection, HTTPS_PORT } from './connection.js';
export type { HTTPConnectionOptions, RequestOptions } from './options.js';
export { HTTPResponse } from './response.js';
export type { InterimResponse } from './response.js';
export { TRANSITIONS } from './state.js';
export type { LogicalState } from './state.js';
export { connectTCP, unixConnector } from './tcp.js';
export type { WireEvent, WirePart } from './wire-tap.js';

// For `tls`; not in the declarations.
/** @internal */
export { reword } from './failure.js';
/** @internal */
export { placeOf } from './host.js';
/** @internal */
export { concealing, SocketTransport } from './socket-transport.js';
/** @internal */
export type { SocketLike, Written } from './socket-transport.js';
/** @internal */
export { takeSocket } from './tcp.js';
/** @internal */
export { within } from '@http-client/tunnel';
