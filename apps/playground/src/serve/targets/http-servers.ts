import { createServer, type RequestListener, type Server } from 'node:http';

// Test servers based on Node's own HTTP server, which shares no code with the client.

/** Responds with the request that it received, as text. */
export const echo: RequestListener = (request, response) => {
  const lines = [`You asked for ${request.method ?? ''} ${request.url ?? ''}`, ''];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    lines.push(`${request.rawHeaders[at] ?? ''}: ${request.rawHeaders[at + 1] ?? ''}`);
  }
  let size = 0;
  request.on('data', (block: Buffer) => (size += block.length));
  request.on('end', () => {
    lines.push('', size === 0 ? 'There was no body.' : `The body had ${size} bytes.`, '');
    answer(response, 200, lines.join('\n'));
  });
};

function answer(response: Parameters<RequestListener>[1], status: number, text: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

export const chunked: RequestListener = (request, response) => {
  request.resume();
  response.writeHead(200, { 'Content-Type': 'text/plain' });
  response.write('A body in chunks:\n');
  response.write('each has its size,\n');
  response.end('and the last one has none.\n');
};

export const trailers: RequestListener = (request, response) => {
  request.resume();
  response.setHeader('Content-Type', 'text/plain');
  // Node throws if they are announced for a response without chunks, as to HEAD.
  if (request.method !== 'HEAD') response.setHeader('Trailer', 'X-Lines, Server-Timing');
  response.write('What is known only at the end\n');
  response.write('follows the body.\n');
  response.addTrailers({ 'X-Lines': '2', 'Server-Timing': 'total;dur=12' });
  response.end();
};

/** Milliseconds, long enough to be noticed. */
const PAUSE = 400;

export const earlyHints: RequestListener = (request, response) => {
  request.resume();
  response.writeEarlyHints({
    link: ['</style.css>; rel=preload; as=style', '</main.js>; rel=preload; as=script'],
  });
  setTimeout(() => {
    answer(response, 200, 'The hints came before this did.\n');
  }, PAUSE);
};

const SLOW_LINES = ['It takes', 'its time,', 'line by line,', 'for two seconds', 'or so.'];

/** Sends the body slowly enough to see it arrive, or to close the connection in the middle. */
export const slow: RequestListener = (request, response) => {
  request.resume();
  const lines = [...SLOW_LINES];
  const next = (): void => {
    const line = lines.shift();
    if (line === undefined) response.end();
    if (line === undefined || response.destroyed) return;
    response.write(`${line}\n`);
    setTimeout(next, PAUSE);
  };
  setTimeout(next, PAUSE);
};

/** The most bytes that a body may have. */
const MOST = 1024;

/** Responds to an expectation with 100 (Continue), or with 413 if the body would be too long. */
export function continueServer(): Server {
  const server = createServer(echo);
  server.on('checkContinue', (...[request, response]: Parameters<RequestListener>) => {
    if (Number(request.headers['content-length'] ?? 0) > MOST) {
      answer(response, 413, 'Too much: it was rejected before it was sent.\n');
      return;
    }
    response.writeContinue();
    echo(request, response);
  });
  return server;
}
