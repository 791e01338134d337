import { createServer, type AddressInfo, type Socket } from 'node:net';

import { IncompleteRead } from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';
import { expect, test } from 'vitest';

import { HTTPConnection } from './index.js';

const ANSWER = 'HTTP/1.1 200 OK\r\n\r\nhello';

/** The body of ANSWER as read by a client. It extends to the end of the stream, which the server ends by `answer`. */
async function bodyFrom(answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.once('data', () => {
      answer(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const connection = new HTTPConnection('127.0.0.1', (server.address() as AddressInfo).port);
  try {
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    return decodeLatin1(await response.read());
  } finally {
    connection.close();
    await new Promise((resolve) => server.close(resolve));
  }
}

test('a FIN is the end of a body without a length', async () => {
  expect(await bodyFrom((socket) => socket.end(ANSWER))).toBe('hello');
});

test('a reset is not, even if it arrives together with the last bytes', async () => {
  const reading = bodyFrom((socket) =>
    socket.write(ANSWER, () => {
      socket.resetAndDestroy();
    }),
  );
  const error = await reading.catch((thrown: unknown) => thrown);
  // Some systems discard received data on a reset: then there is no response at all.
  const reset = error instanceof IncompleteRead ? error.cause : error;
  expect(reset).toMatchObject({ code: 'ECONNRESET' });
});
