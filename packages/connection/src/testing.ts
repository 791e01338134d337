export { scriptedConnector } from './testing/connector.js';
export type { ScriptedConnector } from './testing/connector.js';
export { afterRequest, afterWrite, END, reset, STALL } from './testing/script.js';
export type { ScriptMarker, ScriptOptions, ScriptStep } from './testing/script.js';
export { scriptedTransport } from './testing/transport.js';
export type { ScriptedTransport } from './testing/transport.js';
