// The order of the packages, lowest first: a package imports only from those before it.
// The linter, the dependency check and the tests' aliases all read this list.

/** @type {readonly string[]} */
export const LAYERS = ['status', 'errors', 'io', 'headers', 'body', 'connection', 'client'];

/** Packages that run in a browser and a worker: nothing of Node's, no types of Node's or the DOM's. */
export const PURE = ['status', 'errors', 'io', 'headers', 'body'];
