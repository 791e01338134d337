import { describe, expect, test } from 'vitest';

import { tlsServer } from './testdata/peers.js';
import { CARRIERS, get, open, until } from './testdata/stage.js';

type Serve = Parameters<typeof tlsServer>[0];
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
const ANSWER = 'HTTP/1.1 204 No Content\r\n\r\n';
const LARGE = 8 * 2 ** 20;

describe.each(Object.entries(CARRIERS))('over %s', (_name, connector) => {
  describe.each(VERSIONS)('%s', (version) => {
    // TLS may still be busy with the end of the handshake (Node 24), and hold back what is written.
    test.each([
      ['the first request', 0, 100],
      ['a later request', 1, 100],
      ['a large request', 0, LARGE],
    ])('%s has left the process once it has been sent', async (_what, before, size) => {
      let received = 0;
      const serve: Serve = (socket) => {
        socket.on('data', (data: Buffer) => {
          if (data.toString('latin1', 0, 3) === 'GET') socket.write(ANSWER);
          else received += data.length;
        });
      };
      const peer = await tlsServer(serve, { minVersion: version, maxVersion: version });
      const connection = open(peer.port, { connector });
      for (let count = 0; count < before; count++) await get(connection);
      await connection.request('PUT', '/', { body: 'x'.repeat(size) });
      connection.close();
      await until(() => peer.open.size === 0);
      expect(received).toBeGreaterThan(size);
    });
  });
});

// A transport of the caller's own reports that only later.
test.each(VERSIONS)('%s: what the system takes at once has been sent at once', async (version) => {
  const { port } = await tlsServer((socket) => socket.resume(), { minVersion: version, maxVersion: version });
  const connection = open(port);
  connection.putRequest('PUT', '/');
  connection.putHeader('Content-Length', 5);
  await connection.endHeaders();
  // Until Node's stream knows that the head has been taken, it holds back what follows.
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  const sending = connection.send('hello');
  connection.close();
  await sending;
});
