import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { nowhere } from '../../testing/servers.js';
import { proxyServer } from './proxy-server.js';

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Asks the proxy for a tunnel to this authority, and returns all that comes back. */
async function tunnelTo(authority: string): Promise<string> {
  const port = await listening(proxyServer('user', 'pass'));
  const socket = connect(port, '127.0.0.1');
  const credentials = Buffer.from('user:pass').toString('base64');
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nProxy-Authorization: Basic ${credentials}\r\n\r\n`);
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
    // Sent through the tunnel: the far server resets it.
    if (received.endsWith('Established\r\n\r\n')) socket.write('reset me');
  });
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return received;
}

test('a reset by the far server ends an open tunnel, and nothing of the proxy is written into it', async () => {
  const far = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => socket.resetAndDestroy());
  });
  expect(await tunnelTo(`127.0.0.1:${await listening(far)}`)).toBe(
    'HTTP/1.1 200 Connection Established\r\n\r\n',
  );
});

test('a far server that cannot be reached is a 502', async () => {
  expect(await tunnelTo((await nowhere()).replace('http://', ''))).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
});
