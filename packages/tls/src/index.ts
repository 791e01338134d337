export { connectTLS, startTLS } from './connect-tls.js';
export type { StartTLSOptions, TLSContext } from './connect-tls.js';
export { createDefaultContext } from './context.js';
export type { DefaultContextOptions } from './context.js';
export { HTTPSConnection } from './https-connection.js';
export type { HTTPSConnectionOptions } from './https-connection.js';
