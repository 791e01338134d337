import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

import { onTestFinished } from 'vitest';

import { freePort, REQUIRED } from '../../../../tests/support/programs.js';
import { listen } from '../listen.js';

/** Starts Node's own HTTP server until the end of the test, and returns the URL of its root, without the last slash. */
export function serve(listener: RequestListener): Promise<string> {
  return listening(createHttpServer(listener));
}

/** Starts Node's own HTTPS server likewise. */
export async function serveSecure(options: TlsOptions, listener: RequestListener): Promise<string> {
  const server = createHttpsServer(options, listener);
  server.on('tlsClientError', () => undefined);
  return (await listening(server)).replace('http:', 'https:');
}

/** A proxy that opens tunnels, and the requests that it received. */
export interface TestProxy {
  readonly url: string;
  /** The heads of its requests, in their order. */
  readonly asked: readonly string[];
}

/**
 * Starts a proxy.
 *
 * @param credentials as in Basic; the proxy rejects requests without them.
 * @param options for TLS to the proxy itself.
 */
export async function serveProxy(credentials?: string, options?: TlsOptions): Promise<TestProxy> {
  const asked: string[] = [];
  const serve = (socket: Socket): void => {
    socket.on('error', () => socket.destroy());
    // Clients send nothing after CONNECT before its response: the first block is its head.
    socket.once('data', (block) => {
      const head = block.toString('latin1');
      asked.push(head);
      const [, host, port] = /^CONNECT ([^ ]+):(\d+) HTTP\/1\.1\r\n/.exec(head) ?? [];
      if (credentials !== undefined && !head.includes(`\r\nProxy-Authorization: Basic ${credentials}\r\n`)) {
        socket.end('HTTP/1.1 407 Who Are You\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      const far = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        socket.pipe(far).pipe(socket);
      });
      far.on('error', () => far.destroy());
      socket.on('close', () => far.destroy());
    });
  };
  const server = options === undefined ? createServer(serve) : createTlsServer(options, serve);
  server.on('tlsClientError', () => undefined);
  const url = await listening(server);
  return { url: options === undefined ? url : url.replace('http:', 'https:'), asked };
}

/**
 * A server that passes on each connection after the head of a request, for responses that an HTTP server would not
 * send.
 */
export function serveRaw(answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    let head = '';
    const gather = (block: Buffer): void => {
      head += block.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', gather);
      socket.pause();
      answer(socket);
    };
    socket.on('data', gather);
  });
  return listening(server);
}

/** A URL at which nothing listens. */
export async function nowhere(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`;
}

/** Whether the tests against Python's http.server are skipped: it is missing, and not required. */
export const pythonAbsent = spawnSync('python3', ['--version']).status !== 0 && !REQUIRED;

/** Starts Python's http.server for a folder until the end of the test, and returns the URL of its root likewise. */
export async function servePython(folder: string): Promise<string> {
  const child = spawn('python3', ['-u', '-m', 'http.server', '0', '--bind', '127.0.0.1'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => {
    child.kill();
  });
  await once(child, 'spawn');
  // Not `once`: without a line, that would wait for ever.
  for await (const line of createInterface(child.stdout)) {
    const port = / port (\d+)/.exec(line)?.[1];
    if (port !== undefined) return `http://127.0.0.1:${port}`;
  }
  throw new Error('http.server has named no port');
}

/** Lets a server listen until the end of the test. */
async function listening(server: Server): Promise<string> {
  const { host, port, close } = await listen(server);
  onTestFinished(close);
  return `http://${host}:${port}`;
}
