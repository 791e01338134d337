export { scriptedConnector } from './testing/connector.js';
export type { ScriptedConnector } from './testing/connector.js';
export { afterRequest, afterWrite, END, reset, STALL } from './testing/script.js';
export type { ScriptMarker, ScriptOptions, ScriptStep } from './testing/script.js';
export { ScriptedTransport, scriptedTransport } from './testing/transport.js';
