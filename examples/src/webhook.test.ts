import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHTTPSServer } from 'node:https';
import { createServer as createTCPServer } from 'node:net';
import { text } from 'node:stream/consumers';

import { generate } from 'selfsigned';
import { expect, test } from 'vitest';

import { deliver, isPublic, type DeliverOptions } from './webhook.js';
import { listen, listenAndDawdle, run } from './testdata/stage.js';

const HERE = '127.0.0.1';

// IANA's special-purpose address registries, the first and last of each network and their neighbours.
test.each([
  ['8.8.8.8', true],
  ['0.0.0.0', false],
  ['1.0.0.0', true],
  ['9.255.255.255', true],
  ['10.0.0.0', false],
  ['10.255.255.255', false],
  ['11.0.0.0', true],
  ['100.63.255.255', true],
  ['100.64.0.0', false],
  ['100.127.255.255', false],
  ['100.128.0.0', true],
  ['126.255.255.255', true],
  ['127.0.0.1', false],
  ['127.255.255.255', false],
  ['169.254.169.254', false],
  ['172.15.255.255', true],
  ['172.16.0.0', false],
  ['172.31.255.255', false],
  ['172.32.0.0', true],
  ['192.0.0.1', false],
  ['192.0.2.1', false],
  ['192.88.99.1', false],
  ['192.167.255.255', true],
  ['192.168.0.0', false],
  ['192.169.0.0', true],
  ['198.17.255.255', true],
  ['198.18.0.0', false],
  ['198.19.255.255', false],
  ['198.20.0.0', true],
  ['198.51.100.1', false],
  ['203.0.113.1', false],
  ['223.255.255.255', true],
  ['224.0.0.1', false],
  ['240.0.0.1', false],
  ['255.255.255.255', false],
  ['2606:4700::1111', true],
  ['::', false],
  ['::1', false],
  ['::ffff:127.0.0.1', false],
  ['::ffff:8.8.8.8', false],
  ['64:ff9b::7f00:1', false],
  ['1fff:ffff::1', false],
  ['2000::1', true],
  ['2001::1', false],
  ['2001:200::1', true],
  ['2001:db8::1', false],
  ['2002:7f00:1::1', false],
  ['2003::1', true],
  ['3fff::1', false],
  ['3fff:1000::1', true],
  ['4000::1', false],
  ['fc00::1', false],
  ['fe80::1', false],
  ['fe80::1%lo', false],
  ['ff02::1', false],
])('%s is public: %s', (address, expected) => {
  expect(isPublic(address)).toBe(expected);
});

/** A server, what arrived at it, and options with which names lead to it. */
async function receiver(
  reply: (request: IncomingMessage) => { status: number; headers?: Record<string, string> },
  make: (handler: Parameters<typeof createServer>[1]) => Server = (handler) => createServer(handler),
): Promise<{ port: number; requests: string[]; options: DeliverOptions }> {
  const requests: string[] = [];
  const server = make((request, response) => {
    void text(request).then((body) => {
      requests.push(`${request.method!} ${request.url!} ${request.headers.host!} ${body}`);
      const { status, headers } = reply(request);
      response.writeHead(status, headers).end();
    });
  });
  const options: DeliverOptions = {
    mayReach: (address) => address === HERE,
    resolve: () => Promise.resolve([HERE]),
  };
  return { port: await listen(server), requests, options };
}

test('the message reaches the address that was checked, and names the host', async () => {
  const { port, requests, options } = await receiver(() => ({ status: 204 }));
  const receipt = await deliver(new URL(`http://partner.example:${port}/hook?a=1`), '{"é":1}', options);
  expect(receipt).toEqual({ status: 204, reason: 'No Content' });
  expect(requests).toEqual([`POST /hook?a=1 partner.example:${port} {"é":1}`]);
});

test('if an address cannot be connected to, the next one is tried', async () => {
  const { port, requests, options } = await receiver(() => ({ status: 200 }));
  const both = { ...options, mayReach: () => true, resolve: () => Promise.resolve(['::1', HERE]) };
  expect(await deliver(new URL(`http://partner.example:${port}/`), '{}', both)).toMatchObject({
    status: 200,
  });
  expect(requests).toHaveLength(1);
});

test.each([
  ['a name of this machine', 'localhost', undefined],
  ['an address of this machine', HERE, undefined],
  ['the same, written in another way', '0x7f.1', undefined],
  ['a name with a public address and one of this machine', 'partner.example', ['8.8.8.8', HERE]],
])('nothing is sent to %s', async (_, host, addresses) => {
  const { port, requests } = await receiver(() => ({ status: 200 }));
  const delivered = deliver(new URL(`http://${host}:${port}/`), '{}', {
    mayReach: isPublic,
    ...(addresses && { resolve: () => Promise.resolve(addresses) }),
  });
  await expect(delivered).rejects.toMatchObject({
    message: expect.stringMatching(
      /^Cannot deliver to ".*": (127\.0\.0\.1|::1), port \d+ is out of bounds$/,
    ) as string,
    delivery: 'unsent',
  });
  expect(requests).toEqual([]);
});

test.each(['http://localhost/', 'http://[::1]/', 'http://8.8.8.8:25/'])(
  'by default, %s is out of bounds',
  async (url) => {
    const { code, stdout, stderr } = await run('webhook', [url, '{}']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^webhook: Cannot deliver to ".*": .*, port \d+ is out of bounds\n$/);
  },
);

test('a name without an address is an error', async () => {
  const options = { resolve: () => Promise.resolve([]) };
  await expect(deliver(new URL('http://partner.example/'), '{}', options)).rejects.toMatchObject({
    message: 'Cannot deliver to "partner.example": it has no address',
    delivery: 'unsent',
  });
});

test('the certificate must be for the name, not for the address', async () => {
  const made = await generate([{ name: 'commonName', value: 'partner.example' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'partner.example' }] }],
  });
  const { port, requests, options } = await receiver(
    () => ({ status: 200 }),
    (handler) => createHTTPSServer({ cert: made.cert, key: made.private }, handler),
  );
  const trusting = { ...options, context: { ca: made.cert } };
  const to = (host: string): URL => new URL(`https://${host}:${port}/`);
  expect(await deliver(to('partner.example'), '{}', trusting)).toMatchObject({ status: 200 });
  await expect(deliver(to('other.example'), '{}', trusting)).rejects.toMatchObject({
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    delivery: 'unsent',
  });
  expect(requests).toEqual([`POST / partner.example:${port} {}`]);
});

test('a redirect is not followed', async () => {
  const headers = { Location: 'http://127.0.0.1/' };
  const { port, requests, options } = await receiver(() => ({ status: 307, headers }));
  expect(await deliver(new URL(`http://partner.example:${port}/`), '{}', options)).toEqual({
    status: 307,
    reason: 'Temporary Redirect',
  });
  expect(requests).toHaveLength(1);
});

test('a server that sends very slowly gets no more time than a silent one', async () => {
  const port = await listenAndDawdle();
  const options = { within: 500, mayReach: () => true };
  await expect(deliver(new URL(`http://${HERE}:${port}/`), '{}', options)).rejects.toMatchObject({
    name: 'TimeoutError',
  });
});

test('the connection is closed, though the body of the reply has no end', async () => {
  let closed!: () => void;
  const gone = new Promise<void>((resolve) => (closed = resolve));
  const server = createTCPServer((socket) => {
    socket.on('error', () => undefined).on('close', closed);
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\nand so on'));
  });
  const url = new URL(`http://${HERE}:${await listen(server)}/`);
  expect(await deliver(url, '{}', { mayReach: () => true })).toMatchObject({ status: 200 });
  await gone;
});
