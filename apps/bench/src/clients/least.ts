import { connect, type Socket } from 'node:net';

import { checkAnswer, type Job, type Line } from '../task.js';

/**
 * The least that an exchange with three promises can cost: no state, no validation, no error handling, one field looked
 * up, and one response at a time, which must arrive in one piece. It is not usable as a client; it shows how much a
 * client could still gain.
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
        if (count !== end + length) throw new Error('the response arrived in several pieces');
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
