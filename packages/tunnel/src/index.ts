export type { TunnelTarget } from './connect-request.js';
export type { TunnelObserver } from './observer.js';
export { openTunnel, validateTunnel } from './open-tunnel.js';
export type { Tunnel } from './open-tunnel.js';
export type { OpenTunnelOptions, TunnelOptions, TunnelReply } from './options.js';
export type { PushbackTransport } from './resume.js';

// For the packages above this one; not in the declarations.
/** @internal */
export { printReply, printSent } from './debug.js';
/** @internal */
export { ResumedTransport } from './resume.js';
/** @internal */
export { WaitTimer } from './wait-timer.js';
/** @internal */
export { onAbort, within } from './within.js';
/** @internal */
export type { Limits, Signal } from './within.js';
