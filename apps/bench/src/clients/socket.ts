import { connect, type Socket } from 'node:net';
import { connect as connectTLS } from 'node:tls';

import { blocksOf, type Job, type Line } from '../task.js';

/**
 * The floor: a bare socket that counts received bytes without parsing them, uses no promise per exchange, and knows the
 * length of the response beforehand.
 */
export async function socket(job: Job): Promise<Line> {
  const { task, port } = job;
  const request = requestOf(job);
  if (task.closes) {
    return {
      run: (more) =>
        new Promise((resolve, reject) => {
          const next = (): void => {
            if (!more()) {
              resolve();
              return;
            }
            const socket = open(job);
            socket.on('error', reject);
            count(socket, task.wire, reject, () => undefined);
            socket.on('close', next);
            socket.write(request);
          };
          next();
        }),
      close: () => undefined,
    };
  }
  const socket = open(job);
  await new Promise((resolve, reject) => {
    socket.once(task.secure ? 'secureConnect' : 'connect', resolve);
    socket.once('error', reject);
  });
  let answered: () => void = () => undefined;
  let failed: (error: Error) => void = () => undefined;
  count(
    socket,
    task.wire,
    (error) => {
      failed(error);
    },
    () => {
      answered();
    },
  );
  const send =
    typeof task.body === 'number'
      ? () => {
          upload(socket, request, task.body as number).catch(failed);
        }
      : () => socket.write(request);
  return {
    run: (more) =>
      new Promise((resolve, reject) => {
        failed = reject;
        answered = () => {
          if (more()) send();
          else resolve();
        };
        answered();
      }),
    close: () => {
      socket.destroy();
    },
  };

  function open({ task: { secure } }: Job): Socket {
    const options = { port, host: '127.0.0.1', noDelay: true };
    return secure ? connectTLS(options) : connect(options);
  }
}

function requestOf({ task: { method, body, sent = {} }, port }: Job): string {
  const own = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept-Encoding: identity\r\n${own.join('')}`;
  if (typeof body === 'string') return `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
  return body === undefined ? `${head}\r\n` : `${head}Transfer-Encoding: chunked\r\n\r\n`;
}

function count(socket: Socket, wire: number, failed: (error: Error) => void, answered: () => void): void {
  let left = wire;
  socket.on('data', (data: Buffer) => {
    left -= data.length;
    if (left > 0) return;
    if (left < 0) failed(new Error('received more bytes than the response has'));
    left = wire;
    answered();
  });
}

/** Sends the blocks without chunk framing, which a bare socket knows nothing of. */
async function upload(socket: Socket, head: string, size: number): Promise<void> {
  socket.write(head);
  for await (const block of blocksOf(size)) {
    if (!socket.write(block)) await new Promise((resolve) => socket.once('drain', resolve));
  }
  socket.write('\r\n0\r\n\r\n');
}
