import type { Call, Field, Settings, Target } from '../src/serve/api.js';

/** A composed request, and the settings of the connection that it is sent on. */
export interface Composition {
  readonly settings: Settings;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Field[];
  readonly body: string;
  /** Whether the body is sent in chunks, and the bytes in each. */
  readonly chunked: boolean;
  readonly blockSize: number;
  readonly expectContinue: boolean;
  readonly trailers: readonly Field[];
  /** Whether a single `request` sends it, or each step is a call. */
  readonly whole: boolean;
}

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];

export const NEW: Composition = {
  settings: { server: 'plain', proxy: '', strict: true, tolerate: [], trust: 'playground', timeout: 10_000 },
  method: 'GET',
  target: '/',
  headers: [['Accept', 'text/plain']],
  body: '',
  chunked: false,
  blockSize: 16,
  expectContinue: false,
  trailers: [],
  whole: false,
};

/** The composition for another test server, with that server's example request. */
export function aimedAt(composition: Composition, target: Target): Composition {
  const { method = 'GET', body = '', expectContinue = false } = target.example ?? {};
  const settings = { ...composition.settings, server: target.name };
  return { ...composition, settings, method, body, expectContinue };
}

const filled = (fields: readonly Field[]): [string, string][] =>
  fields.filter(([name]) => name !== '').map(([name, value]) => [name, value]);

const sizeOf = (text: string): number => new TextEncoder().encode(text).length;

/** The calls that make up the exchange, in their order. */
export function planOf(composition: Composition): Call[] {
  return [
    ...(composition.whole ? [requestCall(composition)] : stepCalls(composition)),
    { call: 'getResponse' },
    { call: 'read' },
  ];
}

function requestCall({ method, target, body, blockSize, ...rest }: Composition): Call {
  const trailers = filled(rest.trailers);
  const headers = [...filled(rest.headers), ...expectation(rest.expectContinue)];
  const chunked = rest.chunked && body !== '';
  return {
    call: 'request',
    method,
    target,
    headers,
    ...(body === '' ? {} : { body }),
    ...(chunked ? { blockSize } : {}),
    ...(trailers.length === 0 ? {} : { trailers }),
  };
}

function expectation(isWanted: boolean): [string, string][] {
  return isWanted ? [['Expect', '100-continue']] : [];
}

/** Step by step, the caller frames the body. */
function stepCalls({ method, target, headers, body, expectContinue, ...rest }: Composition): Call[] {
  const trailers = filled(rest.trailers);
  const isChunked = (rest.chunked && body !== '') || trailers.length > 0;
  const fields = [...filled(headers), ...framing(body, isChunked), ...expectation(expectContinue)];
  const parts = isChunked
    ? [...chunksOf(body, rest.chunked ? rest.blockSize : Infinity), lastChunk(trailers)]
    : [body];
  return [
    { call: 'putRequest', method, target },
    ...fields.map(([name, value]): Call => ({ call: 'putHeader', name, value })),
    { call: 'endHeaders' },
    ...parts.filter((data) => data !== '').map((data): Call => ({ call: 'send', data })),
  ];
}

function framing(body: string, isChunked: boolean): [string, string][] {
  if (isChunked) return [['Transfer-Encoding', 'chunked']];
  return body === '' ? [] : [['Content-Length', String(sizeOf(body))]];
}

/** The body in chunks of at most `size` bytes, or a single character if that has more. No character is split. */
function chunksOf(body: string, size: number): string[] {
  const chunks: string[] = [];
  let block = '';
  for (const character of body) {
    if (block !== '' && sizeOf(block + character) > size) {
      chunks.push(block);
      block = '';
    }
    block += character;
  }
  if (block !== '') chunks.push(block);
  return chunks.map((chunk) => `${sizeOf(chunk).toString(16)}\r\n${chunk}\r\n`);
}

function lastChunk(trailers: readonly Field[]): string {
  return `0\r\n${trailers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}
