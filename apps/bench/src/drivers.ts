import { line, type Driver } from './task.js';

/** Who is measured. Each is loaded by the process that measures it, and by no other. */
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

/** What a process takes that makes so many exchanges and no more: to load its client, too, and to run it uncompiled. */
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

/** This one is driven by `clients/http_client.py`. */
export const PYTHON = 'python';
