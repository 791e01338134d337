import { decodeLatin1, encodeLatin1 } from '@http-client/io';

import type { HTTPResponse } from '../response.js';
import type { WireEvent, WirePart } from '../wire-tap.js';

// Messages as they appear on the wire, each part with its name.

/** The bytes of a message, labelled, in order. */
export type Pieces = readonly (readonly [part: WirePart, text: string])[];

export const bytesOf = (pieces: Pieces): Uint8Array => encodeLatin1(pieces.map(([, text]) => text).join(''));

/** Joins adjacent ranges of one part: how a part is split depends on the network. */
export function merged(pieces: Pieces): [WirePart, string][] {
  const result: [WirePart, string][] = [];
  for (const [part, text] of pieces) {
    const last = result.at(-1);
    if (last?.[0] === part) last[1] += text;
    else if (text !== '') result.push([part, text]);
  }
  return result;
}

export const shown = (
  events: readonly WireEvent[],
  direction: WireEvent['direction'],
): [WirePart, string][] =>
  events.filter((event) => event.direction === direction).map(({ part, data }) => [part, decodeLatin1(data)]);

export function head(
  first: 'request-line' | 'status-line',
  line: string,
  ...fields: readonly string[]
): Pieces {
  const lines = fields.map((field) => ['header', `${field}\r\n`] as const);
  return [[first, `${line}\r\n`], ...lines, ['blank-line', '\r\n']];
}

export const ok = (...fields: readonly string[]): Pieces => head('status-line', 'HTTP/1.1 200 OK', ...fields);

/** The head of a request; `HOST` stands for the server's name. */
export const request = (line: string, ...fields: readonly string[]): Pieces =>
  head('request-line', `${line} HTTP/1.1`, 'Host: HOST', 'Accept-Encoding: identity', ...fields);

export const chunk = (size: string, data: string): Pieces => [
  ['chunk-size', `${size}\r\n`],
  ['chunk-data', data],
  ['chunk-end', '\r\n'],
];
export const LAST: Pieces = [
  ['chunk-size', '0\r\n'],
  ['blank-line', '\r\n'],
];

/** The ways to read a body to its end. */
export const READERS: Record<string, (response: HTTPResponse) => Promise<unknown>> = {
  read: (response) => response.read(),
  'read by amount': async (response) => {
    for (let amount = 3; (await response.read(amount)).length > 0; amount *= 2);
  },
  read1: async (response) => {
    while ((await response.read1()).length > 0);
  },
  readInto: async (response) => {
    const target = new Uint8Array(4096);
    while ((await response.readInto(target)) > 0);
  },
  iteration: async (response) => {
    for await (const block of response) block.fill(0);
  },
  'all of them in turn': async (response) => {
    await response.peek(2);
    await response.readLine(3);
    await response.read1(1);
    await response.readInto(new Uint8Array(2));
    await response.readInto1(new Uint8Array(1));
    await response[Symbol.asyncIterator]().next();
    await response.peek();
    await response.read();
  },
};
