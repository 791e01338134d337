import type { HTTPResponse } from '@http-client/client';
import type { Content, Entry, Header, PostData, Request, Response } from 'har-format';

import { hideInValue, hideUserinfo } from '../credentials.js';
import type { Address } from '../request/address.js';
import { receivedCookie, sentCookies } from './cookies.js';
import type { Kept } from './kept.js';
import type { Recorded } from './recorded.js';
import type { Timings } from './timeline.js';

/** What is known of an exchange that has ended or failed. */
export interface Exchange {
  readonly address: Address;
  readonly method: string;
  readonly showCredentials: boolean;
  readonly sent: Recorded;
  readonly received: Recorded;
  readonly response: HTTPResponse | undefined;
  readonly started: Date;
  readonly timings: Timings;
  readonly serverAddress: string | undefined;
  readonly failure: string | undefined;
}

/** The entry of an archive (HAR 1.2, entries). */
export function entryOf(exchange: Exchange): Entry {
  const { timings, serverAddress, failure } = exchange;
  const { blocked, dns, connect, send, wait, receive } = timings;
  // `ssl` is included in `connect`, and -1 means that there was no such phase.
  const time = [blocked, dns, connect, send, wait, receive].reduce((sum, span) => sum + Math.max(span, 0), 0);
  return {
    startedDateTime: exchange.started.toISOString(),
    time: Math.round(time * 1000) / 1000,
    request: requestOf(exchange),
    response: responseOf(exchange),
    cache: {},
    timings: { ...timings },
    ...(serverAddress === undefined ? {} : { serverIPAddress: serverAddress }),
    ...(failure === undefined ? {} : { comment: failure }),
  };
}

function requestOf({ address, method, sent, showCredentials }: Exchange): Request {
  const { secure, host, port, target } = address;
  const url = new URL(`${secure ? 'https' : 'http'}://${host}:${port}${target}`);
  const fields = sent.lines.slice(1).map(split);
  const type = fields.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  return {
    method,
    url: url.href,
    httpVersion: 'HTTP/1.1',
    cookies: fields
      .filter(([name]) => name.toLowerCase() === 'cookie')
      .flatMap(([, value]) => sentCookies(value, showCredentials)),
    headers: headersOf(fields, showCredentials),
    queryString: [...url.searchParams].map(([name, value]) => ({ name, value })),
    headersSize: sent.headSize === 0 ? -1 : sent.headSize,
    bodySize: sent.body.size,
    ...(sent.body.size === 0 ? {} : { postData: postDataOf(sent.body, type) }),
  };
}

function postDataOf(body: Kept, mimeType: string): PostData {
  const text = decoded(body.bytes, undefined);
  const { comment } = body;
  // `params` and `text` are mutually exclusive (HAR 1.2, postData).
  if (
    text !== undefined &&
    comment === undefined &&
    /^application\/x-www-form-urlencoded\b/i.test(mimeType)
  ) {
    return { mimeType, params: [...new URLSearchParams(text)].map(([name, value]) => ({ name, value })) };
  }
  // Unlike `content`, `postData` has no field for an encoding.
  const comments = [...(text === undefined ? ['base64'] : []), ...(comment === undefined ? [] : [comment])];
  return {
    mimeType,
    text: text ?? Buffer.from(body.bytes).toString('base64'),
    ...(comments.length === 0 ? {} : { comment: comments.join(', ') }),
  };
}

function responseOf({ response, received, showCredentials }: Exchange): Response {
  if (response === undefined) return NO_RESPONSE;
  const { status, reason, version, headers } = response;
  const location = headers.get('location', '');
  return {
    status,
    statusText: reason,
    httpVersion: `HTTP/1.${version - 10}`,
    cookies: headers.getSetCookie().map((value) => receivedCookie(value, showCredentials)),
    headers: headersOf(headers, showCredentials),
    content: contentOf(received.body, response),
    redirectURL: showCredentials ? location : hideUserinfo(location),
    headersSize: received.headSize,
    bodySize: received.body.size,
  };
}

/** What browsers archive if there was no response. */
const NO_RESPONSE: Response = {
  status: 0,
  statusText: '',
  httpVersion: '',
  cookies: [],
  headers: [],
  content: { size: 0, mimeType: '' },
  redirectURL: '',
  headersSize: -1,
  bodySize: -1,
};

function contentOf(body: Kept, { headers }: HTTPResponse): Content {
  const { bytes, size, comment } = body;
  const text = decoded(bytes, headers.getContentCharset());
  return {
    size,
    mimeType: headers.get('content-type', ''),
    ...(text === undefined ? { text: Buffer.from(bytes).toString('base64'), encoding: 'base64' } : { text }),
    ...(comment === undefined ? {} : { comment }),
  };
}

function headersOf(fields: Iterable<readonly [string, string]>, showCredentials: boolean): Header[] {
  return [...fields].map(([name, value]) => ({
    name,
    value: showCredentials ? value : hideInValue(name, value),
  }));
}

function split(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

/** Bytes as text; undefined if they are invalid in the charset, which is UTF-8 by default. */
function decoded(bytes: Uint8Array, charset: string | undefined): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
