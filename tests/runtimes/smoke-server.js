// The servers for the smoke suite: Node's own, in a separate process. Prints where they listen, as one line of JSON,
// and exits when its standard input ends.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process, { stdin, stdout } from 'node:process';
import { Readable } from 'node:stream';

import { generate } from 'selfsigned';

/** How many bytes of `/flood` have been sent so far. */
let flooded = 0;

function* flood() {
  const block = Buffer.alloc(65_536);
  for (flooded = 0; flooded < 256 * 1024 * 1024; flooded += block.length) yield block;
}

/** @type {Record<string, (request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => void>} */
const routes = {
  '/hello': (_, response) => response.end('hello'),
  '/port': ({ socket }, response) => response.end(String(socket.remotePort)),
  '/chunked': (_, response) => {
    response.writeHead(200, { Trailer: 'Digest' });
    response.write('one\n');
    response.write('two\nthree');
    response.addTrailers({ Digest: 'abc' });
    response.end();
  },
  '/echo': (request, response) => {
    const hash = createHash('sha256');
    let length = 0;
    request.on('data', (block) => {
      hash.update(block);
      length += block.length;
    });
    request.on('end', () => {
      const { headers, trailers } = request;
      const framing = headers['transfer-encoding'] ?? headers['content-length'];
      response.end(JSON.stringify({ length, sha256: hash.digest('hex'), framing, trailers }));
    });
  },
  '/large': (_, response) => {
    const block = Buffer.alloc(65_536, 'large');
    Readable.from(Array.from({ length: 128 }, () => block)).pipe(response);
  },
  '/until-end': ({ socket }) => socket.end(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(300_000)}`),
  '/flood': (_, response) => Readable.from(flood()).pipe(response),
  '/flooded': (_, response) => response.end(String(flooded)),
  '/early': (_, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => response.end('late'));
  },
  '/stall': () => undefined,
  '/stall-within': (_, response) => {
    response.writeHead(200, { 'Content-Length': 10 });
    response.write('abc');
  },
  '/cut': (_, response) => {
    response.writeHead(200, { 'Content-Length': 10 });
    response.write('abc', () => response.socket?.end());
  },
  '/hang-up': ({ socket }) => socket.end(),
  '/close-after': ({ socket }, response) => {
    // The response does not announce it.
    response.end('kept', () => socket.end());
  },
};

/**
 * @param {import('node:net').Server} server
 * @param {string} [path] of a Unix socket; absent for a free port
 */
const listen = (server, path) =>
  new Promise((resolve) => {
    server.listen(path ?? { port: 0, host: '127.0.0.1' }, () => {
      const address = server.address();
      resolve(typeof address === 'string' ? address : address?.port);
    });
  });

/** @type {import('node:http').RequestListener} */
const answer = (request, response) => {
  const route = routes[request.url ?? ''];
  if (route !== undefined) route(request, response);
  else response.writeHead(404).end();
};

const notBefore = Date.now() - 86_400_000;
const ca = await certificate('test CA', [
  { name: 'basicConstraints', cA: true, critical: true },
  { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
]);
const leaf = await certificate(
  'localhost',
  [
    { name: 'basicConstraints', cA: false },
    { name: 'extKeyUsage', serverAuth: true },
    {
      name: 'subjectAltName',
      altNames: [
        { type: 2, value: 'localhost' },
        { type: 7, ip: '127.0.0.1' },
      ],
    },
  ],
  { key: ca.private, cert: ca.cert },
);

/**
 * @param {string} name
 * @param {NonNullable<import('selfsigned').SelfsignedOptions['extensions']>} extensions
 * @param {{ key: string; cert: string }} [signer]
 */
function certificate(name, extensions, signer) {
  return generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(notBefore),
    notAfterDate: new Date(notBefore + 10 * 86_400_000),
    extensions,
    ...(signer && { ca: signer }),
  });
}

const origin = createServer(answer);
origin.on('upgrade', (_, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nready');
  socket.pipe(socket);
});
const secure = createSecureServer({ key: leaf.private, cert: leaf.cert }, answer);
const proxy = createServer((_, response) => response.writeHead(405).end());
proxy.on('connect', ({ url = '' }, socket, head) => {
  const [host, port] = url.split(':');
  const through = connect(Number(port), host, () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    through.write(head);
    through.pipe(socket).pipe(through);
  });
  for (const end of [through, socket])
    end.on('error', () => [through, socket].forEach((each) => each.destroy()));
});
const folder = mkdtempSync(join(tmpdir(), 'smoke-'));

const places = {
  http: await listen(origin),
  https: await listen(secure),
  proxy: await listen(proxy),
  unix: await listen(createServer(answer), join(folder, 'socket')),
  // Nobody may listen there but root.
  refused: 1,
  ca: ca.cert,
};
stdout.write(`${JSON.stringify(places)}\n`);
stdin.resume().on('end', () => {
  rmSync(folder, { recursive: true });
  process.exit(0);
});
