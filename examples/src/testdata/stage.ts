import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Server as HTTPServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

export { temporaryFolder } from '../../../tests/support/folders.js';

export interface Result {
  /** The exit code; null if a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A recipe running in a separate process, which is killed at the end of the test. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** The lines of standard output, as they arrive. */
  readonly lines: AsyncIterator<string>;
  readonly ended: Promise<Result>;
}

/** Starts the built recipe, which is what a reader would start. */
export function start(recipe: string, args: readonly string[], env: Record<string, string> = {}): Running {
  const path = fileURLToPath(new URL(`../../dist/${recipe}.js`, import.meta.url));
  if (!existsSync(path)) throw new Error(`${recipe} is not built: npm run build comes first, as in npm test`);
  const child = spawn(process.execPath, [path, ...args], { env: { ...process.env, ...env } });
  child.stdin.end();
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
  }
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  return { child, lines, ended };
}

/** Runs a recipe to its end. */
export function run(
  recipe: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Result> {
  return start(recipe, args, env).ended;
}

/** Makes a server listen on a free port, or a path, until the end of the test. Resolves with the port. */
export async function listen(server: Server, path?: string): Promise<number> {
  const sockets = new Set<{ destroy: () => void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
  });
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    if (server instanceof HTTPServer) server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
  });
  return path === undefined ? (server.address() as AddressInfo).port : 0;
}

/** A server that sends `head`, and then a line every 20 ms, without end. Resolves with the port. */
export function listenAndDawdle(head = 'HTTP/1.1 200 OK\r\n'): Promise<number> {
  return listen(
    createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(head);
      const timer = setInterval(() => socket.write('X: y\r\n'), 20);
      socket.on('close', () => {
        clearInterval(timer);
      });
    }),
  );
}
