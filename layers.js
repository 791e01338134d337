// The order of the packages, lowest first: a package imports only from those before it.
// The linter, the dependency check and the test aliases all use this list.

/** @type {readonly string[]} */
export const LAYERS = ['status', 'errors', 'io', 'headers', 'body', 'tunnel', 'connection', 'tls', 'client'];

/** The packages that also run in browsers and workers: they use neither Node's modules nor types of Node or the DOM. */
export const PURE = ['status', 'errors', 'io', 'headers', 'body'];

/** Node's socket modules, each with the only file that may import it. */
export const SOCKETS = {
  net: 'packages/connection/src/tcp.ts',
  tls: 'packages/tls/src/connect-tls.ts',
};

/** The sources that are not shipped in a package: they may use Node and this repository's tools. */
export const UNSHIPPED = /\.test(-d)?\.ts$|\/testdata\//;
