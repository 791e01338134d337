import { HTTPException, IncompleteRead } from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { HTTPConnection, type HTTPConnectionOptions, type HTTPResponse } from './index.js';
import { END, reset, scriptedConnector, scriptedTransport, type ScriptStep } from './testing.js';

async function answered(script: ScriptStep[], options: HTTPConnectionOptions): Promise<HTTPResponse> {
  const { connector } = scriptedTransport(script);
  const connection = new HTTPConnection('example.org', 80, { connector, ...options });
  await connection.request('GET', '/');
  return connection.getResponse();
}

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const LENGTH = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n';

/** CPython 3.13 raises IncompleteRead(b'hi') for the first three, and for the others the error of the connection. */
describe('strict: false, an error of the framing has what the read had received', () => {
  test.each<[name: string, script: ScriptStep[], read: (response: HTTPResponse) => Promise<unknown>]>([
    ['read(), an unreadable chunk size', [`${CHUNKED}2\r\nhi\r\nzz\r\n`, END], (response) => response.read()],
    ['read(9)', [`${CHUNKED}2\r\nhi\r\nzz\r\n`, END], (response) => response.read(9)],
    ['readInto', [`${CHUNKED}2\r\nhi\r\nzz\r\n`, END], (response) => response.readInto(new Uint8Array(9))],
    ['read(9), a reset', [`${LENGTH}hi`, reset()], (response) => response.read(9)],
    ['readInto, a reset', [`${LENGTH}hi`, reset()], (response) => response.readInto(new Uint8Array(9))],
    ['read(), a reset in the last size', [`${CHUNKED}2\r\nhi\r\n0`, reset()], (response) => response.read()],
    [
      'read(9), a reset before trailers',
      [`${CHUNKED}2\r\nhi\r\n0\r\n`, reset()],
      (response) => response.read(9),
    ],
    [
      'readLine(), a reset in trailers',
      [`${CHUNKED}2\r\nhi\r\n0\r\nA: b\r\n`, reset()],
      (response) => response.readLine(),
    ],
  ])('%s', async (_name, script, read) => {
    const error: unknown = await read(await answered(script, { strict: false })).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(IncompleteRead);
    expect(decodeLatin1((error as IncompleteRead).partial)).toBe('hi');
  });
});

test('after close() of the connection, every read of its response reports that, whether one was pending or not', async () => {
  for (const pending of [true, false]) {
    const transport = scriptedTransport(`${LENGTH}hi`);
    const connection = new HTTPConnection('example.org', 80, { connector: scriptedConnector([transport]) });
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    const read = pending ? response.read() : undefined;
    connection.close();
    for (const each of [read ?? response.read(), response.read(), response.read1()]) {
      const error: unknown = await each.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(HTTPException);
      expect(error).toMatchObject({
        message:
          'Cannot read the response body: the connection to example.org:80 was closed (state Idle, phase body)',
        delivery: 'answered',
      });
    }
  }
});

test('the error names the response that has not been read', async () => {
  const { connector } = scriptedTransport(`${LENGTH}hi`);
  const connection = new HTTPConnection('example.org', 80, { connector });
  await connection.request('GET', '/a');
  await connection.getResponse();
  await connection.request('GET', '/b');
  await expect(connection.getResponse()).rejects.toThrow('the response to GET /a has not been read');
});
