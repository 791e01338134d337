import { channel } from 'node:diagnostics_channel';

/** Published to whenever a connection is being opened. */
export const CONNECT = channel('http.client.connect');

/** Published to with everything that is sent. */
export const SEND = channel('http.client.send');
