import type { IncomingMessage } from 'node:http';

import { Failure } from '../failure.js';
import { LIMITS } from './limits.js';

/**
 * What a request has as its body, which must be JSON and within its limit.
 *
 * @throws Failure where it is not.
 */
export async function receiveJSON(request: IncomingMessage): Promise<unknown> {
  const blocks: Buffer[] = [];
  let length = 0;
  for await (const block of request as AsyncIterable<Buffer>) {
    length += block.length;
    if (length > LIMITS.message) throw new Failure(`Cannot take more than ${LIMITS.message} bytes at a time`);
    blocks.push(block);
  }
  // What another site can send without asking first is not application/json: one more wall before the others.
  if (request.headers['content-type'] !== 'application/json')
    throw new Failure('Cannot take what is not application/json');
  try {
    return JSON.parse(Buffer.concat(blocks).toString()) as unknown;
  } catch (error) {
    throw new Failure('Cannot take what is not JSON', { cause: error });
  }
}
