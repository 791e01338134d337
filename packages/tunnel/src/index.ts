export type { TunnelTarget } from './connect-request.js';
export type { TunnelObserver } from './observer.js';
export { openTunnel, validateTunnel } from './open-tunnel.js';
export type { Tunnel } from './open-tunnel.js';
export type { OpenTunnelOptions, TunnelOptions, TunnelReply } from './options.js';
export { UNREAD } from './resume.js';
export type { UnreadableTransport } from './resume.js';
