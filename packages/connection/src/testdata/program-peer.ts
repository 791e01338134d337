import { decodeLatin1, encodeLatin1, type Transport } from '@http-client/io';

import { requestCounter } from '../testing/counter.js';

/** Bytes of the body of a request: letters that tell the request, and cannot be taken for the size of a chunk. */
export function requestBody(id: number, from: number, length: number): string {
  let body = '';
  for (let at = from; at < from + length; at++) body += String.fromCharCode(103 + ((id * 7 + at * 3) % 20));
  return body;
}

/** The body of the response to a request. */
export function answerBody(id: number): string {
  return `${id}, answered.\n`.repeat(1 + ((id * 13) % 9));
}

/** What all the peers of a program have seen. */
export class Seen {
  /** The requests whose head has arrived, in order. */
  readonly ids: number[] = [];
  readonly wrong: string[] = [];
  readonly peers: Peer[] = [];
  /** Changes whenever anything happens. */
  activity = 0;
}

/**
 * One end of a connection, in memory: a transport whose peer answers each request once it is complete, in an order of
 * framings, and notes every byte that does not belong there.
 */
export class Peer implements Transport {
  closed = false;
  written = '';
  delivered = '';
  readonly #seen: Seen;
  readonly #piece: number;
  #unread = '';
  #inbox: (string | null)[] = [];
  #reader: ((block: Uint8Array | null) => void) | undefined;
  #known: number | undefined;
  #switched = false;

  /** `piece`: the most bytes that one `read` returns. */
  constructor(seen: Seen, piece: number) {
    this.#seen = seen;
    this.#piece = piece;
    seen.peers.push(this);
  }

  read(): Promise<Uint8Array | null> {
    if (this.#reader !== undefined || this.closed) this.#seen.wrong.push('a read too many');
    return new Promise((resolve) => {
      this.#reader = resolve;
      this.#deliver();
    });
  }

  async write(data: Uint8Array): Promise<void> {
    if (this.closed) this.#seen.wrong.push('a write after close');
    this.#seen.activity++;
    this.written += decodeLatin1(data);
    this.#unread += decodeLatin1(data);
    while (this.#take());
    await Promise.resolve();
  }

  close(): void {
    this.closed = true;
    this.#reader?.(null);
    this.#reader = undefined;
  }

  #deliver(): void {
    setImmediate(() => {
      const block = this.#inbox[0];
      if (this.#reader === undefined || block === undefined) return;
      this.#seen.activity++;
      const part = block?.slice(0, this.#piece) ?? null;
      if (block === part || block === null) this.#inbox.shift();
      else this.#inbox[0] = block.slice(this.#piece);
      this.delivered += part ?? '';
      this.#reader(part === null ? null : encodeLatin1(part));
      this.#reader = undefined;
    });
  }

  /** Takes one request, if it is complete; returns whether there may be another. */
  #take(): boolean {
    if (this.#switched) {
      if (this.#unread !== '') this.#seen.wrong.push('bytes after a switch');
      return false;
    }
    const headEnd = this.#unread.indexOf('\r\n\r\n') + 4;
    if (headEnd < 4) return false;
    const head = this.#unread.slice(0, headEnd);
    const [, method, number] =
      /^([A-Z]+) \/(\d+) HTTP\/1\.1\r\n([\w-]+: [^\r\n]*\r\n)+\r\n$/.exec(head) ?? [];
    const id = Number(number);
    if (method === undefined) this.#seen.wrong.push(`no head: ${head}`);
    if (this.#known !== id) {
      if (this.#seen.ids.includes(id)) this.#seen.wrong.push(`${id} comes twice`);
      this.#seen.ids.push(id);
      this.#known = id;
      if (/^expect:/im.test(head)) this.#send('HTTP/1.1 100 Continue\r\n\r\n');
    }
    const length = requestCounter()(encodeLatin1(this.#unread));
    const body = this.#unread.slice(headEnd, length).replace(/[\da-f\r\n]/g, '');
    if (body !== requestBody(id, 0, body.length)) this.#seen.wrong.push(`${id} has the body ${body}`);
    if (length === undefined) return false;
    this.#unread = this.#unread.slice(length);
    this.#known = undefined;
    this.#answer(id, method ?? '', /^upgrade:/im.test(head));
    return true;
  }

  #answer(id: number, method: string, upgrade: boolean): void {
    const body = method === 'HEAD' ? '' : answerBody(id);
    const fields = `X-Number: ${id}\r\n`;
    if (upgrade) {
      this.#switched = true;
      this.#send(`HTTP/1.1 101 \r\n${fields}\r\n`);
    } else if (id % 5 === 0) {
      this.#send(`HTTP/1.1 200 \r\n${fields}Connection: close\r\n\r\n${body}`, null);
    } else if (id % 2 === 0) {
      const chunks = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
      this.#send(
        `HTTP/1.1 103 \r\n\r\nHTTP/1.1 200 \r\n${fields}Transfer-Encoding: chunked\r\n\r\n${chunks}`,
      );
    } else {
      this.#send(`HTTP/1.1 200 \r\n${fields}Content-Length: ${answerBody(id).length}\r\n\r\n${body}`);
    }
  }

  #send(...blocks: readonly (string | null)[]): void {
    this.#inbox.push(...blocks);
    this.#deliver();
  }
}
