// Sends deliberately malformed requests, and shows how a server or a proxy reacts to each.
//
//     node examples/dist/proxy-tester.js http://127.0.0.1:8080/
//
// Use it only on your own servers. If two recipients on a path interpret such a request differently, its sender can
// smuggle another request past the first one: so each of these must be refused. The exit code is 1 if one is not.
//
// The client refuses to send any of this. The only way around that is a subclass that replaces the protected checks,
// which is the point here: do not copy the class into a program that sends data from others.

import { fileURLToPath } from 'node:url';

import { HTTPConnection, TimeoutError, type HTTPConnectionOptions } from '@http-client/client';

/** Milliseconds to wait for each response. */
const TIMEOUT = 3000;
/**
 * Statuses that refuse a request for its form (RFC 9110, sections 15.5 and 15.6). A 404 is not one: it was understood.
 */
const REFUSALS = [400, 414, 417, 431, 501, 505];

/** A request, as it is written to the wire. */
interface Malformed {
  readonly name: string;
  /** The section of RFC 9112 about it. */
  readonly section: string;
  readonly method?: string;
  /** By default the URL's. */
  readonly target?: string;
  readonly version?: string;
  /** Field lines, sent unchanged, each with its line end. */
  readonly lines?: string;
  readonly skipHost?: boolean;
  readonly body?: string;
  /** Whether the server may also process it, if it then closes the connection. */
  readonly orClosed?: boolean;
}

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: smuggled.example\r\n\r\n';

export const REQUESTS: readonly Malformed[] = [
  { name: 'a method that is not a token', section: '3.1', method: 'G(T' },
  { name: 'a space in the target', section: '3.2', target: '/a b' },
  { name: 'a bare CR in the target', section: '2.2', target: '/a\rb' },
  { name: 'HTTP/3.0 on a connection of HTTP/1', section: '2.3', version: 'HTTP/3.0' },
  { name: 'no Host', section: '3.2', skipHost: true },
  { name: 'two Hosts', section: '3.2', lines: 'Host: other.example\r\n' },
  { name: 'whitespace before the colon', section: '5.1', lines: 'X-Padded : 1\r\n' },
  { name: 'a field name that is not a token', section: '5.1', lines: 'X(Y): 1\r\n' },
  { name: 'a NUL in a field value', section: '5', lines: 'X-Null: a\0b\r\n' },
  {
    name: 'two lengths',
    section: '6.3',
    lines: 'Content-Length: 5\r\nContent-Length: 6\r\n',
    body: 'hello!',
  },
  { name: 'a length with a sign', section: '6.3', lines: 'Content-Length: +5\r\n', body: 'hello' },
  {
    name: 'an unknown transfer coding',
    section: '6.1',
    lines: 'Transfer-Encoding: xchunked\r\n',
    body: '0\r\n\r\n',
  },
  {
    name: 'a transfer coding that does not end in chunked',
    section: '6.3',
    lines: 'Transfer-Encoding: chunked, identity\r\n',
    body: '0\r\n\r\n',
  },
  {
    name: 'a length beside chunked',
    section: '6.3',
    lines: `Content-Length: ${5 + SMUGGLED.length}\r\nTransfer-Encoding: chunked\r\n`,
    body: `0\r\n\r\n${SMUGGLED}`,
    orClosed: true,
  },
  {
    name: 'a chunk size with 0x',
    section: '7.1',
    lines: 'Transfer-Encoding: chunked\r\n',
    body: '0x5\r\nhello\r\n0\r\n\r\n',
  },
  {
    name: 'a negative chunk size',
    section: '7.1',
    lines: 'Transfer-Encoding: chunked\r\n',
    body: '-1\r\nhello\r\n0\r\n\r\n',
  },
];

/** How a server reacted to a request. */
export interface Verdict {
  readonly name: string;
  readonly section: string;
  readonly said: string;
  /** Whether this is what the RFC requires. */
  readonly right: boolean;
}

/** A connection that sends anything. */
class CarelessConnection extends HTTPConnection {
  #next: Pick<Malformed, 'version' | 'lines'>;

  /** Only the first request has the malformed version and lines of `first`. */
  constructor(url: URL, first: Malformed, options: HTTPConnectionOptions) {
    super(url.host, undefined, options);
    this.#next = first;
  }

  protected override validateMethod(): void {
    // Accepts any.
  }

  protected override validateTarget(): void {
    // Accepts any.
  }

  /** The request line, with further lines after it: the result is sent unchanged. */
  protected override encodeRequestLine(line: string): Uint8Array {
    const { version = 'HTTP/1.1', lines = '' } = this.#next;
    this.#next = {};
    const first = line.replace(/HTTP\/1\.1$/, version);
    return Buffer.from(`${first}\r\n${lines}`.replace(/\r\n$/, ''), 'latin1');
  }
}

/** Whether the server accepts a proper request. One that refuses everything would pass all tests, and prove nothing. */
export async function answersAtAll(url: URL): Promise<boolean> {
  const { outcome } = await tryOut(url, { name: 'a proper request', section: '3' });
  return outcome === 'closed' || outcome === 'kept';
}

export async function* judge(url: URL): AsyncGenerator<Verdict> {
  for (const request of REQUESTS) {
    const { said, outcome } = await tryOut(url, request);
    const right = outcome === 'refused' || (outcome === 'closed' && request.orClosed === true);
    yield { name: request.name, section: request.section, said, right };
  }
}

/** Sends a request on a new connection, so that it cannot be affected by the one before. */
async function tryOut(
  url: URL,
  request: Malformed,
): Promise<{ said: string; outcome: 'refused' | 'closed' | 'kept' }> {
  const connection = new CarelessConnection(url, request, { timeout: TIMEOUT });
  try {
    // First, since an unreachable server has not refused anything.
    await connection.connect();
    const { method = 'GET', target = url.pathname, skipHost = false, body = '' } = request;
    connection.putRequest(method, target, { skipHost, skipAcceptEncoding: true });
    const answer = connection.endHeaders().then(() => connection.getResponse());
    // A server may refuse before it has the body: a write that fails then is not an error.
    if (body !== '') await connection.send(body).catch(() => undefined);
    const response = await answer;
    const said = `${response.status}`;
    if (REFUSALS.includes(response.status)) {
      response.close();
      return { said, outcome: 'refused' };
    }
    await response.read();
    return (await stillServes(connection))
      ? { said: `${said}, kept`, outcome: 'kept' }
      : { said, outcome: 'closed' };
  } catch (error) {
    // Neither a response nor an end: the server considers the request incomplete, and waits for more.
    if (error instanceof TimeoutError) return { said: 'no response', outcome: 'refused' };
    const delivery = error instanceof Error && 'delivery' in error ? error.delivery : undefined;
    if (delivery === undefined || delivery === 'unsent') throw error;
    return { said: 'closed without a response', outcome: 'refused' };
  } finally {
    connection.close();
  }
}

/** Whether the connection serves another request: even if it is open, the server may be about to close it. */
async function stillServes(connection: HTTPConnection): Promise<boolean> {
  if (!connection.reusable) return false;
  connection.autoOpen = false;
  try {
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    await response.read();
    return !REFUSALS.includes(response.status);
  } catch {
    return false;
  }
}

async function main([address]: readonly string[]): Promise<number> {
  if (address === undefined || !address.startsWith('http://') || !URL.canParse(address)) {
    console.error('usage: proxy-tester http://HOST[:PORT]/');
    return 2;
  }
  const url = new URL(address);
  if (!(await answersAtAll(url))) {
    console.error('proxy-tester: the server refuses a proper request, too, so its refusals prove nothing');
    return 1;
  }
  let wrong = 0;
  for await (const { name, section, said, right } of judge(url)) {
    if (!right) wrong++;
    console.log(`${right ? 'right' : 'WRONG'} ${name} (RFC 9112, section ${section}): ${said}`);
  }
  console.log(
    wrong === 0
      ? `all ${REQUESTS.length} malformed requests were refused`
      : `${wrong} of ${REQUESTS.length} malformed requests were not refused`,
  );
  return wrong === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`proxy-tester: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  });
}
