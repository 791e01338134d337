// The order of the packages, lowest first: a package imports only from those before it.
// The linter, the dependency check and the tests' aliases all read this list.

/** @type {readonly string[]} */
export const LAYERS = ['status', 'errors', 'io', 'headers', 'body', 'tunnel', 'connection', 'tls', 'client'];

/** Packages that run in a browser and a worker: nothing of Node's, no types of Node's or the DOM's. */
export const PURE = ['status', 'errors', 'io', 'headers', 'body'];

/** Node's socket modules, each with the one file that may import it. */
export const SOCKETS = {
  net: 'packages/connection/src/tcp.ts',
  tls: 'packages/tls/src/connect-tls.ts',
};

/** The sources that no package ships: they may use this repository's tools, and Node. */
export const UNSHIPPED = /\.test(-d)?\.ts$|\/testdata\//;
