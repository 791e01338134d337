import type { IncomingMessage } from 'node:http';

import { Failure } from '../failure.js';

/**
 * Receives the body of a request, which must be JSON.
 *
 * @param limit the bytes that it may have.
 * @throws Failure if it is not JSON, or too long.
 */
export async function receiveJSON(request: IncomingMessage, limit: number): Promise<unknown> {
  const blocks: Buffer[] = [];
  let length = 0;
  for await (const block of request as AsyncIterable<Buffer>) {
    length += block.length;
    if (length > limit) throw new Failure(`Cannot take more than ${limit} bytes at a time`);
    blocks.push(block);
  }
  // Another site can send some types without a preflight request, but not application/json: one more barrier.
  if (request.headers['content-type'] !== 'application/json')
    throw new Failure('Cannot take what is not application/json');
  try {
    return JSON.parse(Buffer.concat(blocks).toString()) as unknown;
  } catch (error) {
    throw new Failure('Cannot take what is not JSON', { cause: error });
  }
}
