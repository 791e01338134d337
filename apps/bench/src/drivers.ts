import { line, type Driver } from './task.js';

/** What is measured. A driver is loaded only by the process that measures it. */
export const DRIVERS: Readonly<Record<string, () => Promise<Driver>>> = {
  socket: async () => (await import('./clients/socket.js')).socket,
  'http-client': async () => (await import('./clients/http-client.js')).httpClient,
  least: async () => (await import('./clients/least.js')).least,
  unobserved: async () => (await import('./clients/unobserved.js')).unobserved,
  'undici.request': async () => (await import('./clients/undici.js')).undiciRequest,
  'undici.dispatch': async () => (await import('./clients/undici.js')).undiciDispatch,
  'node:http': async () => (await import('./clients/node-http.js')).nodeHTTP,
  fetch: async () => (await import('./clients/fetch.js')).nodeFetch,
  got: async () => (await import('./clients/got.js')).gotClient,
  axios: async () => (await import('./clients/axios.js')).axiosClient,
  parseHeaderBlock: async () => (await import('./clients/parsers.js')).parseHeaderBlock,
  'http-parser-js': async () => (await import('./clients/parsers.js')).httpParserJS,
  llhttp: async () => (await import('./clients/parsers.js')).nodeLLHTTP,
  first: () => Promise.resolve(first),
  loading: async () => (await import('./clients/loading.js')).loading,
};

/**
 * A whole process that makes a few exchanges: this includes loading the client, and running it before it is compiled.
 */
const first: Driver = (job) => {
  const { client = '', exchanges = 1 } = job.settings;
  return line(async () => {
    const driver = await DRIVERS[client]!();
    const begun = await driver(job);
    let left = exchanges;
    await begun.run(() => left-- > 0);
    await begun.close();
  });
};

/** The driver that is not in the table: `clients/http_client.py`. */
export const PYTHON = 'python';
