import { channel } from 'node:diagnostics_channel';

/** Published to whenever a connection is being opened. */
export const CONNECT = /* @__PURE__ */ channel('http.client.connect');

/** Published to with everything that is sent. */
export const SEND = /* @__PURE__ */ channel('http.client.send');
