// Where the platform's types are loaded, the packages use them.

import { ChunkedDecoder, type RequestBody } from '@http-client/body';
import { HTTPMessage, type HeadersInput } from '@http-client/headers';
import type { ConnectTarget } from '@http-client/io';
import { ByteReader } from '@http-client/io';

export const headers: Headers = new HTTPMessage(new Headers({ a: 'b' })).toHeaders();
export const input: HeadersInput = headers;
export const signal: ConnectTarget['signal'] = new AbortController().signal;
export const bodies: RequestBody[] = [
  new Blob(['a']),
  new URLSearchParams('a=b'),
  new ReadableStream<Uint8Array>(),
];
export const decoded = new Blob([new ChunkedDecoder().decode(new Uint8Array())]);
export const reader = new ByteReader(new ReadableStream<Uint8Array>());
// @ts-expect-error the platform has AbortSignal, and this is not one
export const none: ConnectTarget['signal'] = { aborted: false };
