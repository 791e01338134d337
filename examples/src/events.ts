// Follows server-sent events (HTML standard, section 9.2), line by line, and connects again where they break off.
//
//     node examples/dist/events.js http://example.org/stream
//
// The server is told which event was the last one, so that none is lost and none comes twice, if it plays along.

import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { HTTPConnection, HTTPSConnection, quote, type HTTPResponse } from '@http-client/client';

/** Milliseconds without a byte after which the connection counts as dead. Servers send a comment now and then to be safe. */
const SILENCE = 60_000;
/** Milliseconds until the next connection, unless the server says otherwise. */
const RETRY = 3000;
/** The longest wait, where the server cannot be reached many times in a row. */
const LONGEST_RETRY = 60_000;
/** Bytes in a line, and in the data of an event. What a peer may make us keep has a bound. */
const LIMIT = 1_048_576;

export interface ServerEvent {
  /** `message`, where the server names no other. */
  readonly type: string;
  readonly data: string;
  /** The last one that was sent, with this event or before it. */
  readonly id: string;
}

export interface EventsOptions {
  /** Ends the loop, which then ends without an error. */
  signal?: AbortSignal;
  /** Where to go on: the `id` of the last event that was seen. */
  lastEventId?: string;
  /** Called when the stream has broken off: why, and milliseconds until it is asked for again. */
  onReconnect?: (why: unknown, wait: number) => void;
}

/** An answer that says that there are no events here. It is not asked for again. */
class NoEvents extends Error {}

/** The events of a stream, over as many connections as it takes. Ends with a 204, or with the signal. */
export async function* serverEvents(url: URL, options: EventsOptions = {}): AsyncGenerator<ServerEvent> {
  const { signal = new AbortController().signal, onReconnect } = options;
  const Connection = url.protocol === 'https:' ? HTTPSConnection : HTTPConnection;
  const parser = new EventParser(options.lastEventId ?? '');
  const over = (): boolean => signal.aborted;
  for (let failures = 0; !over();) {
    const connection = new Connection(url.host, undefined, { timeout: SILENCE });
    const abort = (): void => {
      connection.close();
    };
    signal.addEventListener('abort', abort);
    let why: unknown = new Error('the stream ended');
    try {
      const response = await subscribe(connection, url, parser.lastId);
      if (response === undefined) return;
      failures = 0;
      parser.restart();
      for (let line = await nextLine(response); line !== undefined; line = await nextLine(response)) {
        yield* parser.line(line);
      }
    } catch (error) {
      if (error instanceof NoEvents) throw error;
      why = error;
      failures++;
    } finally {
      // Also where whoever reads the events leaves the loop.
      signal.removeEventListener('abort', abort);
      connection.close();
    }
    const wait = Math.min(parser.retry * 2 ** Math.max(failures - 1, 0), LONGEST_RETRY);
    if (over()) return;
    onReconnect?.(why, wait);
    await setTimeout(wait, undefined, { signal }).catch(() => undefined);
  }
}

/** Asks for the stream; undefined where the server says that it is over for good. */
async function subscribe(
  connection: HTTPConnection,
  url: URL,
  lastId: string,
): Promise<HTTPResponse | undefined> {
  await connection.request('GET', `${url.pathname}${url.search}`, {
    headers: {
      Accept: 'text/event-stream',
      'Cache-Control': 'no-store',
      // As bytes: an id is UTF-8, and text would go out as ISO-8859-1.
      ...(lastId !== '' && { 'Last-Event-ID': new TextEncoder().encode(lastId) }),
    },
  });
  const response = await connection.getResponse();
  if (response.status === 204) return undefined;
  if (response.status >= 500) throw new Error(`the answer is ${response.status} ${quote(response.reason)}`);
  if (response.status !== 200)
    throw new NoEvents(`the answer is ${response.status} ${quote(response.reason)}`);
  const type = response.headers.getContentType();
  if (type !== 'text/event-stream') throw new NoEvents(`the answer is ${quote(type)}, no text/event-stream`);
  return response;
}

/** The next line without its LF; undefined at the end. What stands behind the last LF is not a line. */
async function nextLine(response: HTTPResponse): Promise<string | undefined> {
  const line = await response.readLine(LIMIT);
  if (line.at(-1) === 0x0a) return new TextDecoder().decode(line.subarray(0, -1));
  if (line.length === LIMIT) throw new NoEvents(`a line has more than ${LIMIT} bytes`);
  return undefined;
}

/** Makes events of lines (HTML standard, section 9.2.6). */
export class EventParser {
  lastId: string;
  /** Milliseconds, as the server last said. */
  retry = RETRY;
  #id: string;
  #type = '';
  #data: string[] = [];
  #size = 0;

  constructor(lastId: string) {
    this.lastId = this.#id = lastId;
  }

  /** Begins a new stream. An event that the last one broke off in is dropped: it comes again. */
  restart(): void {
    this.#id = this.lastId;
    this.#type = '';
    this.#data = [];
    this.#size = 0;
  }

  /** Takes a line, without its LF; gives the events that it completes. */
  *line(text: string): Generator<ServerEvent> {
    // A CR ends a line, too. Where there is no LF at all, lines wait for the end of the stream.
    for (const line of text.replace(/\r$/, '').split('\r')) {
      const event = this.#line(line);
      if (event !== undefined) yield event;
    }
  }

  #line(line: string): ServerEvent | undefined {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    // A comment, which keeps the connection alive.
    if (colon === 0) return undefined;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    if (name === 'event') this.#type = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^[0-9]{1,9}$/.test(value)) this.retry = Number(value);
    else if (name === 'data') {
      this.#data.push(value);
      this.#size += value.length;
      if (this.#size > LIMIT) throw new NoEvents(`an event has more than ${LIMIT} characters`);
    }
    return undefined;
  }

  #dispatch(): ServerEvent | undefined {
    const data = this.#data;
    const type = this.#type === '' ? 'message' : this.#type;
    this.lastId = this.#id;
    this.restart();
    return data.length === 0 ? undefined : { type, data: data.join('\n'), id: this.lastId };
  }
}

/** The URL that was given on the command line, if it is one that is spoken here. */
function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new TypeError(`Cannot use ${quote(text)} as a URL: expected http://HOST/ or https://HOST/`);
}

async function main([url, lastEventId = '']: readonly string[]): Promise<number> {
  if (url === undefined) {
    console.error('usage: events URL [LAST-EVENT-ID]');
    return 2;
  }
  const interruption = new AbortController();
  process.once('SIGINT', () => {
    interruption.abort();
  });
  const onReconnect = (why: unknown, wait: number): void => {
    console.error(`events: ${why instanceof Error ? why.message : String(why)}; again in ${wait} ms`);
  };
  const options = { lastEventId, onReconnect, signal: interruption.signal };
  for await (const { type, data, id } of serverEvents(urlOf(url), options)) {
    console.log(`${quote(type)} ${quote(id)} ${quote(data, 1000)}`);
  }
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`events: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  });
}
