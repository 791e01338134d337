import type { IncomingMessage, RequestListener } from 'node:http';

import { expect } from 'vitest';

import type { Result } from './cli.js';

/** Responds with the request, as JSON. */
export const echo: RequestListener = (message, response) => {
  void bodyOf(message).then((body) => {
    const { method, url, rawHeaders } = message;
    response.end(JSON.stringify({ method, url, fields: rawHeaders, body: body.toString('latin1') }));
  });
};

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for await (const block of message) blocks.push(block as Buffer);
  return Buffer.concat(blocks);
}

/** A request as its server saw it. */
export interface Echo {
  method: string;
  url: string;
  fields: string[];
  body: string;
}

/** The request that {@link echo} responded with; the command must have succeeded without messages. */
export function echoed(result: Result): Echo {
  expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: '' });
  const [head, body] = result.stdout.toString().split('\n\n');
  expect(head).toBe('HTTP/1.1 200 OK');
  return JSON.parse(body!) as Echo;
}
