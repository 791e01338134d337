import { connect, type Socket } from 'node:net';

import { checkAnswer, type Job, type Line } from '../task.js';

/**
 * What an exchange of three promises costs at least: no state, no check, no error, one field looked for, and no more
 * than one answer at a time, which has to come in one piece. Nobody could use it; it tells what a client has left to win.
 */
export async function least(job: Job): Promise<Line> {
  const { method } = job.task;
  const host = `127.0.0.1:${job.port}`;
  const buffer = Buffer.alloc(65_536);
  let answered: (answer: { status: number; body: Uint8Array }) => void = () => undefined;
  const socket: Socket = connect({
    port: job.port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: () => buffer,
      callback(count) {
        const end = buffer.indexOf('\r\n\r\n') + 4;
        const head = buffer.toString('latin1', 0, end);
        const length = Number(/\r\nContent-Length: (\d+)/.exec(head)?.[1]);
        if (count !== end + length) throw new Error('the answer came in pieces');
        answered({ status: Number(head.slice(9, 12)), body: new Uint8Array(buffer.subarray(end, count)) });
        return true;
      },
    },
  });
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const connection = {
    request(target: string): Promise<void> {
      socket.write(
        `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nAccept-Encoding: identity\r\n\r\n`,
        'latin1',
      );
      return Promise.resolve();
    },
    getResponse: () =>
      new Promise<{ status: number; body: Uint8Array }>((resolve) => {
        answered = resolve;
      }),
    read: (body: Uint8Array) => Promise.resolve(body),
  };
  return {
    async run(more) {
      while (more()) {
        await connection.request('/');
        const { status, body } = await connection.getResponse();
        checkAnswer(job, status, (await connection.read(body)).length);
      }
    },
    close: () => {
      socket.destroy();
    },
  };
}
