// Follows server-sent events (HTML standard, section 9.2), line by line, and reconnects when the stream ends.
//
//     node examples/dist/events.js http://example.org/stream
//
// The server is told the id of the last event, so that, if it supports this, no event is lost and none is repeated.

import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { HTTPConnection, HTTPSConnection, quote, type HTTPResponse } from '@http-client/client';

/**
 * Milliseconds without a byte after which the connection is considered dead. Servers send comments to keep it alive.
 */
const SILENCE = 60_000;
/** Milliseconds before reconnecting, unless the server sets another time. */
const RETRY = 3000;
/** The longest wait, after many failed attempts in a row. */
const LONGEST_RETRY = 60_000;
/** The most bytes in a line, and characters in an event's data: what a peer makes us keep must be bounded. */
const LIMIT = 1_048_576;

export interface ServerEvent {
  /** `message`, unless the server names another type. */
  readonly type: string;
  readonly data: string;
  /** The last id that was sent, with this event or before it. */
  readonly id: string;
}

export interface EventsOptions {
  /** Ends the loop, without an error. */
  signal?: AbortSignal;
  /** Where to continue: the `id` of the last event received. */
  lastEventId?: string;
  /** Called when the stream has ended, with the reason and the milliseconds until the next attempt. */
  onReconnect?: (why: unknown, wait: number) => void;
}

/** A response that is not a usable event stream. There is no further attempt. */
class NoEvents extends Error {}

/** The events of a stream, over as many connections as needed. Ends with a 204, or when the signal is aborted. */
export async function* serverEvents(url: URL, options: EventsOptions = {}): AsyncGenerator<ServerEvent> {
  const { signal = new AbortController().signal, onReconnect } = options;
  const Connection = url.protocol === 'https:' ? HTTPSConnection : HTTPConnection;
  const parser = new EventParser(options.lastEventId ?? '');
  const over = (): boolean => signal.aborted;
  for (let failures = 0; !over();) {
    const connection = new Connection(url.host, undefined, { timeout: SILENCE });
    let response: HTTPResponse | undefined;
    const abort = (): void => {
      connection.close();
      // A stream without a length is not closed with its connection.
      response?.close();
    };
    signal.addEventListener('abort', abort);
    let why: unknown = new Error('the stream ended');
    try {
      response = await subscribe(connection, url, parser.lastId);
      if (!isStream(response)) return;
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
      // Also runs if the caller leaves its loop over the events.
      signal.removeEventListener('abort', abort);
      abort();
    }
    // At least 1, which can grow: a server may set 0, and then be gone.
    const wait = Math.min(Math.max(parser.retry, 1) * 2 ** Math.max(failures - 1, 0), LONGEST_RETRY);
    if (over()) return;
    onReconnect?.(why, wait);
    await setTimeout(wait, undefined, { signal }).catch(() => undefined);
  }
}

async function subscribe(connection: HTTPConnection, url: URL, lastId: string): Promise<HTTPResponse> {
  await connection.request('GET', `${url.pathname}${url.search}`, {
    headers: {
      Accept: 'text/event-stream',
      'Cache-Control': 'no-store',
      // As bytes: an id is UTF-8, and text would go out as ISO-8859-1.
      ...(lastId !== '' && { 'Last-Event-ID': new TextEncoder().encode(lastId) }),
    },
  });
  return connection.getResponse();
}

/** Whether the response is a stream. It is none if the server says that it has ended for good (204); else throws. */
function isStream(response: HTTPResponse): boolean {
  if (response.status === 204) return false;
  if (response.status >= 500) throw new Error(`the response is ${response.status} ${quote(response.reason)}`);
  if (response.status !== 200)
    throw new NoEvents(`the response is ${response.status} ${quote(response.reason)}`);
  const type = response.headers.getContentType();
  if (type !== 'text/event-stream')
    throw new NoEvents(`the response is ${quote(type)}, not text/event-stream`);
  return true;
}

/** The next line without its LF; undefined at the end. Text after the last LF is not a line. */
async function nextLine(response: HTTPResponse): Promise<string | undefined> {
  const line = await response.readLine(LIMIT);
  if (line.at(-1) === 0x0a) return new TextDecoder().decode(line.subarray(0, -1));
  if (line.length === LIMIT) throw new NoEvents(`a line has more than ${LIMIT} bytes`);
  return undefined;
}

/** Parses lines into events (HTML standard, section 9.2.6). */
export class EventParser {
  lastId: string;
  /** Milliseconds before reconnecting, as the server last set it. */
  retry = RETRY;
  #id: string;
  #type = '';
  #data: string[] = [];
  #size = 0;

  constructor(lastId: string) {
    this.lastId = this.#id = lastId;
  }

  /** Begins a new stream. An incomplete event of the last stream is dropped: the server sends it again. */
  restart(): void {
    this.#id = this.lastId;
    this.#type = '';
    this.#data = [];
    this.#size = 0;
  }

  /** Takes a line without its LF, and yields the events that it completes. */
  *line(text: string): Generator<ServerEvent> {
    // A CR ends a line, too. Lines that end with a CR alone are only seen once an LF arrives.
    for (const line of text.replace(/\r$/, '').split('\r')) {
      const event = this.#line(line);
      if (event !== undefined) yield event;
    }
  }

  #line(line: string): ServerEvent | undefined {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    // A comment, which only keeps the connection alive.
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

/** The URL from the command line; throws unless its scheme is supported. */
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
    console.error(`events: ${why instanceof Error ? why.message : String(why)}; retrying in ${wait} ms`);
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
