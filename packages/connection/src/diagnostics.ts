import { channel } from 'node:diagnostics_channel';

/** Told of each connection that is begun. */
export const CONNECT = channel('http.client.connect');

/** Told of all that is sent. */
export const SEND = channel('http.client.send');
