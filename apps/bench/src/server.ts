import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';

import type { Answer } from './answers.js';

// A server in a separate process that costs almost nothing: it parses nothing, and writes prepared bytes whenever it
// has received the end of a request.

export interface Serving {
  readonly answer: Answer;
  /** The least number of bytes in a request; shorter ones are refused. */
  readonly least: number;
  /** The end of a request, which occurs nowhere else in it. */
  readonly requestEnd: string;
  readonly closes: boolean;
  readonly identity: { readonly cert: string; readonly key: string } | undefined;
}

const REFUSAL = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n';

function serve({ answer, least, requestEnd, closes, identity }: Serving): void {
  const small = answer.block.length * answer.times > 65_536 ? undefined : whole(answer);
  const receive = (socket: Socket): void => {
    let received = 0;
    let tail = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (data: Buffer) => {
      received += data.length;
      tail = (tail + data.toString('latin1', Math.max(0, data.length - requestEnd.length))).slice(
        -requestEnd.length,
      );
      if (tail !== requestEnd) return;
      tail = '';
      if (received < least) socket.write(REFUSAL);
      else if (small !== undefined) socket.write(small);
      else write(socket, answer);
      received = 0;
      if (closes) socket.end();
    });
  };
  const server =
    identity === undefined
      ? createServer({ noDelay: true }, receive)
      : createSecureServer({ ...identity, noDelay: true }, receive);
  server.listen(0, '127.0.0.1', 1024, () => {
    process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
  });
  process.stdin.resume().on('end', () => process.exit());
}

function whole({ head, block, times, end }: Answer): Buffer {
  return Buffer.from(head + block.repeat(times) + end, 'latin1');
}

/** Writes as fast as the client reads. */
function write(socket: Socket, { head, block, times, end }: Answer): void {
  const bytes = Buffer.from(block, 'latin1');
  let left = times;
  socket.write(head, 'latin1');
  const go = (): void => {
    while (left-- > 0) {
      if (!socket.write(bytes) && left > 0) {
        socket.once('drain', go);
        return;
      }
    }
    if (end !== '') socket.write(end, 'latin1');
  };
  go();
}

// The process that asked has ended.
process.stdout.on('error', () => process.exit());

serve(JSON.parse(process.argv[2] ?? '') as Serving);
