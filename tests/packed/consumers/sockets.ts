// A user's program that needs Node and its types.

import * as client from '@http-client/client';
import type { HTTPResponse } from '@http-client/connection';
import { HTTPConnection, connectTCP, type HTTPConnectionOptions } from '@http-client/connection';
import { scriptedTransport } from '@http-client/connection/testing';
import { HTTPSConnection, connectTLS, createDefaultContext } from '@http-client/tls';
import { openTunnel } from '@http-client/tunnel';

const options: HTTPConnectionOptions = { timeout: 1000, tolerate: ['bare-cr'], connector: connectTCP };

export async function get(host: string, signal: AbortSignal): Promise<HTTPResponse> {
  await using connection: HTTPConnection = new HTTPSConnection(host, 443, {
    ...options,
    context: createDefaultContext({ verify: false }),
    connector: connectTLS({ minVersion: 'TLSv1.3' }),
  });
  await connection.request('GET', '/', { signal, headers: { Accept: '*/*' }, body: Buffer.from('a') });
  const response = await connection.getResponse({ signal });
  for await (const block of response) await connection.send(block);
  const web: Response = response.toWebResponse();
  const stream: ReadableStream<Uint8Array> = response.body;
  return web.ok && stream.locked ? response : await connection.getResponse();
}

// What is read is taken by the platform, whose declarations exclude shared memory.
export async function digests(response: HTTPResponse): Promise<ArrayBuffer> {
  for await (const line of response.lines()) new Blob([line]);
  const unpacked = response.body.pipeThrough(new DecompressionStream('gzip'));
  return crypto.subtle.digest('SHA-256', unpacked.locked ? await response.bytes() : await response.read(1));
}

export async function through(proxy: client.Transport): Promise<client.HTTPMessage> {
  const { transport, headers } = await openTunnel(proxy, { host: 'example.org', port: client.HTTPS_PORT });
  new client.HTTPConnection('example.org', 80, { connector: scriptedTransport('').connector }).close();
  transport.close();
  return headers;
}

// @ts-expect-error there is no such option
new HTTPConnection('example.org', 80, { timeOut: 1 });
