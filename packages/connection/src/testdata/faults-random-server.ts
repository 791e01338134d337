import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

import { ChunkedDecoder } from '@http-client/body';
import { decodeLatin1, encodeLatin1, joined } from '@http-client/io';

import { requestCounter } from '../testing/counter.js';
import { bodyOf, planOf, sumOf, type Plan } from './faults-random.js';

// A server that treats each request by its own plan. It reports its port and, on request, the requests that it has
// seen.

const seen: number[] = [];

/** What a connection has received. */
class Inbox {
  #bytes: Uint8Array = new Uint8Array(0);
  #over = false;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    socket.on('data', (block) => {
      this.#bytes = joined(this.#bytes, block);
      this.#wake();
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#over = true;
        this.#wake();
      });
    }
  }

  async #more(): Promise<boolean> {
    if (this.#over) return false;
    await new Promise<void>((resolve) => (this.#wake = resolve));
    return true;
  }

  /** The head of the next request, without consuming it. */
  async head(): Promise<string | undefined> {
    for (;;) {
      const text = decodeLatin1(this.#bytes);
      const end = text.indexOf('\r\n\r\n');
      if (end >= 0) return text.slice(0, end + 4);
      if (!(await this.#more())) return undefined;
    }
  }

  /** Consumes the next request, and returns its body. */
  async request(head: string): Promise<Uint8Array | undefined> {
    const counter = requestCounter();
    for (;;) {
      const count = counter(this.#bytes);
      if (count !== undefined) {
        const body = this.#bytes.slice(head.length, count);
        this.#bytes = this.#bytes.slice(count);
        return /^transfer-encoding: chunked/im.test(head) ? new ChunkedDecoder().decode(body) : body;
      }
      if (!(await this.#more())) return undefined;
    }
  }
}

const HEADS: Readonly<Record<Plan['framing'], (length: number) => string>> = {
  length: (length) => `Content-Length: ${length}\r\n`,
  chunked: () => 'Transfer-Encoding: chunked\r\n',
  close: () => '',
};

function answerTo(number: number, plan: Plan, sum: string | undefined): Uint8Array {
  const body = bodyOf(number, 'answer');
  const fields = `X-Number: ${number}\r\n${sum === undefined ? '' : `X-Sum: ${sum}\r\n`}${HEADS[plan.framing](body.length)}`;
  const close = plan.fault === 'early and close' ? 'Connection: close\r\n' : '';
  const start = `${'HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n'.repeat(plan.interim)}HTTP/1.1 200 OK\r\n${fields}${close}\r\n`;
  if (plan.fault === 'garbage')
    return encodeLatin1(`${start.slice(0, plan.at % 7)}\x00\xff garbage\r\n\r\n${start}`);
  const parts = [encodeLatin1(start)];
  if (plan.framing === 'chunked') {
    const size = 1 + (number % 3000);
    for (let at = 0; at < body.length; at += size) {
      const chunk = body.subarray(at, at + size);
      const bad = plan.fault === 'bad chunk' && at + size >= body.length;
      parts.push(
        encodeLatin1(`${chunk.length.toString(16)}${bad ? 'x' : ''}\r\n`),
        chunk,
        encodeLatin1('\r\n'),
      );
    }
    parts.push(encodeLatin1(plan.fault === 'bad chunk' ? '-0\r\n\r\n' : '0\r\n\r\n'));
  } else {
    parts.push(body);
  }
  if (plan.fault === 'extra') {
    parts.push(encodeLatin1(`HTTP/1.1 200 OK\r\nX-Number: ${number + 1}\r\nContent-Length: 4\r\n\r\nfake`));
  }
  return joined(...parts);
}

/** Returns whether the connection continues. */
async function play(socket: Socket, plan: Plan, answer: Uint8Array): Promise<boolean> {
  for (let count = 0; count < plan.delay; count++) await turn();
  const cut = plan.fault === 'reset' || plan.fault === 'fin' || plan.fault === 'stall';
  const end = cut ? Math.floor((answer.length * plan.at) / 1000) : answer.length;
  // Bytes that nobody requested are recognised as such because they arrive with the response.
  const piece = plan.fault === 'extra' ? answer.length : plan.piece;
  for (let at = 0; at < end; at += piece) {
    if (at > 0) await turn();
    const block = answer.subarray(at, Math.min(end, at + piece));
    await new Promise((resolve) => socket.write(block, resolve));
  }
  switch (plan.fault) {
    case 'reset':
    case 'resets after':
      socket.resetAndDestroy();
      return false;
    case 'fin':
    case 'closes after':
      socket.end();
      return false;
    case 'stall':
      return false;
    case 'early and close':
      socket.destroy();
      return false;
    default:
      if (plan.framing === 'close') socket.end();
      return plan.framing !== 'close';
  }
}

async function serve(socket: Socket): Promise<void> {
  const inbox = new Inbox(socket.setNoDelay(true));
  for (;;) {
    const head = await inbox.head();
    if (head === undefined) break;
    const [, number = '', pipelined] = /^\w+ \/(\d+)(p?) /.exec(head) ?? [];
    seen.push(Number(number));
    const plan = planOf(Number(number), pipelined === 'p');
    const early = plan.fault.startsWith('early');
    if (!early && /^expect:/im.test(head)) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    const body = early ? undefined : await inbox.request(head);
    if (!early && body === undefined) break;
    const answer = answerTo(Number(number), plan, body === undefined ? undefined : sumOf(body));
    if (!(await play(socket, plan, answer))) return;
    if (early && (await inbox.request(head)) === undefined) break;
  }
  socket.destroy();
}

const server = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => undefined);
  serve(socket).catch((error: unknown) => {
    // This cannot be parsed as a request: the test finds it missing.
    console.error(error);
    socket.destroy();
  });
});
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on('message', () => {
  process.send?.(seen);
});
process.on('disconnect', () => {
  process.exit();
});
