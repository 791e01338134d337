// Node's own HTTP server over a folder. Prints the ports that it listens on as JSON.
//
//     node servers-node.js <folder> <keep-alive timeout of the brief port, in milliseconds>

import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import process from 'node:process';
import { pipeline } from 'node:stream/promises';

const [folder = '', brief = ''] = process.argv.slice(2);

let connections = 0;
/** @type {WeakMap<import('node:net').Socket, { serial: number; requests: number }>} */
const counts = new WeakMap();

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answer(request, response) {
  const { method = '', url = '', headers, socket } = request;
  const count = counts.get(socket);
  response.setHeader('X-Connection', count.serial);
  response.setHeader('X-Requests', ++count.requests);
  for (const name of ['content-length', 'transfer-encoding']) {
    if (headers[name] !== undefined) response.setHeader(`X-${name}`, headers[name]);
  }

  if (url.startsWith('/refused/')) {
    response.writeHead(413, { Connection: 'close' }).end('too large\n');
  } else if (method === 'PUT' || method === 'POST') {
    await pipeline(request, createWriteStream(join(folder, url)));
    response.writeHead(201).end();
  } else if (url === '/trailers') {
    response.writeHead(200, { Trailer: 'X-Sum, X-Note' });
    response.write('one\n');
    response.write('two\n');
    response.addTrailers({ 'X-Sum': '8', 'X-Note': 'all there' });
    response.end();
  } else if (url === '/interim') {
    response.writeProcessing();
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    response.end('at last\n');
  } else if (url === '/broken') {
    response.writeHead(200, { 'Content-Length': 100 });
    response.write('0123456789', () => {
      socket.destroy();
    });
  } else if (url.startsWith('/chunked/')) {
    response.writeHead(200);
    await pipeline(createReadStream(join(folder, url.slice('/chunked'.length))), response);
  } else {
    if (url.startsWith('/close/')) response.setHeader('Connection', 'close');
    await answerFile(join(folder, url.replace('/close', '')), request, response);
  }
}

/**
 * @param {string} path
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answerFile(path, { method, headers }, response) {
  const file = await stat(path).catch(() => undefined);
  if (file === undefined) {
    response.writeHead(404).end('nothing is here\n');
    return;
  }
  const { size, mtime } = file;
  const tag = `"${size.toString(16)}"`;
  response.setHeader('ETag', tag);
  response.setHeader('Last-Modified', mtime.toUTCString());
  const since = headers['if-modified-since'];
  if (headers['if-none-match'] === tag || (since !== undefined && Date.parse(since) > mtime - 1000)) {
    response.writeHead(304).end();
    return;
  }
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '') ?? [];
  let start = 0;
  let end = size - 1;
  if (first !== undefined) {
    start = first === '' ? size - Number(last) : Number(first);
    if (first !== '' && last !== '') end = Math.min(Number(last), end);
    if (start >= size) {
      response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
      return;
    }
    response.setHeader('Content-Range', `bytes ${start}-${end}/${size}`);
  }
  response.writeHead(first === undefined ? 200 : 206, { 'Content-Length': end - start + 1 });
  if (method === 'HEAD' || size === 0) response.end();
  else await pipeline(createReadStream(path, { start, end }), response);
}

/** @param {number} keepAliveTimeout */
async function listen(keepAliveTimeout) {
  const server = createServer({ keepAliveTimeout });
  server.on('connection', (socket) => {
    counts.set(socket, { serial: ++connections, requests: 0 });
  });
  const handle = (request, response) => {
    answer(request, response).catch(() => {
      response.destroy();
    });
  };
  server.on('request', handle);
  server.on('checkContinue', (request, response) => {
    if (!request.url.startsWith('/refused/')) response.writeContinue();
    handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

const ports = { steady: await listen(600_000), brief: await listen(Number(brief)) };
process.stdout.write(`${JSON.stringify(ports)}\n`);
