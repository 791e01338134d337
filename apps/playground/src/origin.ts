import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket, type TlsOptions } from 'node:tls';

import { listen, type Listening } from './listen.js';

/** The bytes of a request body that the origin stores. More is rejected with 413. */
const MOST_KEPT = 65_536;

/**
 * Starts the server of the demo and of the prompt, with TLS if it has a certificate. It is based on Node's own HTTP
 * server, which shares no code with the client.
 */
export function startOrigin(
  listener: RequestListener = sessionsListener(),
  identity?: TlsOptions,
): Promise<Listening> {
  return listen(identity === undefined ? createServer(listener) : createSecureServer(identity, listener));
}

/** A request, and the response to it. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The files that were PUT, by path. */
  readonly files: Map<string, Buffer>;
  /** The number of the connection, and that of the request on it. Both count from 1. */
  readonly connection: number;
  readonly turn: number;
}

type Handler = (exchange: Exchange) => void | Promise<void>;

const HANDLERS: Readonly<Record<string, Handler>> = {
  'GET /': page,
  'HEAD /': page,
  'HEAD /index.html': page,
  'POST /': redirect,
  'PUT /file': store,
  'GET /file': retrieve,
  'POST /upload': echoFraming,
  'GET /connection': tellConnection,
  'GET /tls': tellTls,
};

function sessionsListener(): RequestListener {
  const files = new Map<string, Buffer>();
  const connections = new Map<Socket, { number: number; turns: number }>();
  let count = 0;
  return (request, response) => {
    const { socket } = request;
    let connection = connections.get(socket);
    if (connection === undefined) {
      connection = { number: ++count, turns: 0 };
      connections.set(socket, connection);
      socket.once('close', () => connections.delete(socket));
    }
    const handler = HANDLERS[`${request.method ?? ''} ${request.url ?? ''}`] ?? notFound;
    const exchange = { request, response, files, connection: connection.number, turn: ++connection.turns };
    Promise.resolve(handler(exchange)).catch(() => {
      // The request was aborted: nobody waits for a response.
      response.destroy();
    });
  };
}

function page({ response }: Exchange): void {
  // For HEAD, Node omits the body and keeps the length.
  const items = Array.from(
    { length: 24 },
    (_, index) => `    <li>item ${index + 1} of a page that is read in blocks</li>`,
  );
  const html = [
    '<!doctype html>',
    '<html>',
    '  <title>The origin</title>',
    '  <ul>',
    ...items,
    '  </ul>',
    '</html>',
    '',
  ];
  answer(response, 200, 'text/html; charset=utf-8', html.join('\n'));
}

function notFound({ request, response }: Exchange): void {
  answer(response, 404, 'text/plain; charset=utf-8', `Nothing is at ${request.url ?? ''}\n`);
}

/** The issue tracker of the reference's example: a form that asks for an issue is redirected to the page. */
async function redirect({ request, response }: Exchange): Promise<void> {
  const body = await received(request, response);
  if (body === undefined) return;
  const number = new URLSearchParams(body.toString('latin1')).get('@number') ?? '';
  if (!/^\d{1,9}$/.test(number)) {
    answer(response, 400, 'text/plain; charset=utf-8', 'The form has no @number\n');
    return;
  }
  const url = `https://bugs.python.org/issue${number}`;
  response.setHeader('Location', url);
  answer(response, 302, 'text/plain; charset=utf-8', `Redirecting to <a href="${url}">${url}</a>`);
}

async function store({ request, response, files }: Exchange): Promise<void> {
  const body = await received(request, response);
  if (body === undefined) return;
  files.set(request.url ?? '', body);
  answer(response, 200, 'text/plain; charset=utf-8', `Stored ${body.length} bytes\n`);
}

function retrieve(exchange: Exchange): void {
  const file = exchange.files.get(exchange.request.url ?? '');
  if (file === undefined) notFound(exchange);
  else answer(exchange.response, 200, 'application/octet-stream', file);
}

/** Responds with how the body was framed, and with its length. */
async function echoFraming({ request, response }: Exchange): Promise<void> {
  let bytes = 0;
  for await (const block of request) bytes += (block as Buffer).length;
  const { 'transfer-encoding': coding, 'content-length': length } = request.headers;
  const framing = coding ?? (length === undefined ? 'none' : 'content-length');
  answer(response, 200, 'application/json', `${JSON.stringify({ framing, bytes })}\n`);
}

function tellConnection({ response, connection, turn }: Exchange): void {
  answer(response, 200, 'application/json', `${JSON.stringify({ connection, turn })}\n`);
}

/** Responds with what the origin learned from TLS, and whether it saw a field that was meant for the proxy. */
function tellTls({ request, response }: Exchange): void {
  const { socket, headers } = request;
  const secure = socket instanceof TLSSocket ? socket : undefined;
  const told = {
    version: secure?.getProtocol() ?? null,
    servername: (secure as { servername?: unknown } | undefined)?.servername ?? null,
    alpn: secure?.alpnProtocol ?? null,
    agent: headers['user-agent'] ?? null,
  };
  answer(response, 200, 'application/json', `${JSON.stringify(told)}\n`);
}

/** Receives the body of a request; undefined if it was too long, and has been rejected. */
async function received(request: IncomingMessage, response: ServerResponse): Promise<Buffer | undefined> {
  const blocks: Buffer[] = [];
  let length = 0;
  // The rest is read and dropped: a client that is still sending would not see the response.
  for await (const block of request as AsyncIterable<Buffer>) {
    length += block.length;
    if (length <= MOST_KEPT) blocks.push(block);
  }
  if (length <= MOST_KEPT) return Buffer.concat(blocks);
  answer(response, 413, 'text/plain; charset=utf-8', `More than ${MOST_KEPT} bytes are not accepted\n`);
  return undefined;
}

function answer(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
