import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { listen, type Listening } from './listen.js';
import { proxyServer, type Place } from './proxy-server.js';
import { nowhere } from './testing/servers.js';

const KEY = 'Basic dXNlcjpwYXNz';
const ESTABLISHED = 'HTTP/1.1 200 Connection Established\r\nProxy-Agent: http-client playground\r\n\r\n';

async function started(server: ReturnType<typeof createServer>): Promise<Listening> {
  const listening = await listen(server);
  onTestFinished(listening.close);
  return listening;
}

/** A proxy that leads whoever has the key from one name to this place, and a client of it, which has sent this head. */
async function asked(place: Place, head: string): Promise<{ socket: Socket; proxy: Listening }> {
  const proxy = await started(
    proxyServer(({ host, port }, authorization) => {
      if (authorization !== KEY) return ['407 Who Are You', 'Proxy-Authenticate: Basic'];
      return host === 'far.example' && port === 443 ? place : ['403 Forbidden'];
    }),
  );
  const socket = connect(proxy.port, proxy.host).on('error', () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  socket.setEncoding('latin1').write(head);
  return { socket, proxy };
}

const connectTo = (authority: string, ...fields: readonly string[]): string =>
  [`CONNECT ${authority} HTTP/1.1`, ...fields, '', ''].join('\r\n');
const FAR = connectTo('far.example:443', `Proxy-Authorization: ${KEY}`);

/** A place that does this with each connection. */
const far = (serve: (socket: Socket) => unknown): Promise<Listening> =>
  started(
    createServer((socket) => {
      serve(socket.on('error', () => undefined));
    }),
  );

const heard = async (socket: Socket): Promise<unknown> => ((await once(socket, 'data')) as [string])[0];

test('what is decided for a place and its key: a tunnel to another place, or a refusal, after which it may be asked again', async () => {
  const { socket } = await asked(await far((each) => each.pipe(each)), connectTo('far.example:443'));
  expect(await heard(socket)).toBe(
    'HTTP/1.1 407 Who Are You\r\nContent-Length: 0\r\nProxy-Authenticate: Basic\r\n\r\n',
  );
  for (const authority of ['far.example:80', '127.0.0.1:443']) {
    socket.write(connectTo(authority, `proxy-authorization: ${KEY}`));
    expect(await heard(socket)).toBe('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
  }
  socket.write(FAR);
  expect(await heard(socket)).toBe(ESTABLISHED);
  socket.write('spam');
  expect(await heard(socket)).toBe('spam');
});

test('a request that is not CONNECT is a 405', async () => {
  const { socket } = await asked(await far(() => undefined), 'GET http://far.example/ HTTP/1.1\r\n\r\n');
  expect(await heard(socket)).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n.*\r\nAllow: CONNECT\r\n/s);
  await once(socket, 'close');
});

test('closing it ends every tunnel through it', async () => {
  const { socket, proxy } = await asked(await far(() => undefined), FAR);
  expect(await heard(socket)).toBe(ESTABLISHED);
  const closed = once(socket, 'close');
  await proxy.close();
  await closed;
});

test('a reset by the far server ends an open tunnel, and nothing of the proxy is written into it', async () => {
  const place = await far((each) => each.once('data', () => each.resetAndDestroy()));
  const { socket } = await asked(place, FAR);
  expect(await heard(socket)).toBe(ESTABLISHED);
  let more = '';
  socket.on('data', (text: string) => (more += text)).write('reset me');
  await once(socket, 'close');
  expect(more).toBe('');
});

test('a far server that cannot be reached is a 502', async () => {
  const { port } = new URL(await nowhere());
  const { socket } = await asked({ host: '127.0.0.1', port: Number(port) }, FAR);
  expect(await heard(socket)).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
});
