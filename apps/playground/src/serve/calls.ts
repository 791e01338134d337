import type { HTTPConnection, HTTPResponse, RequestBody, RequestOptions } from '@http-client/client';

import { bytes as count } from '../print.js';
import type { Call } from './api.js';

/** What the calls of a session share. */
export interface CallContext {
  /** The connection's last response. */
  readonly response: HTTPResponse | undefined;
  readonly answered: (response: HTTPResponse) => void;
  readonly read: (bytes: Uint8Array) => void;
}

/** Makes one call, and describes its result in words. What the call throws is rethrown. */
export async function makeCall(
  call: Call,
  connection: HTTPConnection,
  context: CallContext,
): Promise<string> {
  switch (call.call) {
    case 'connect':
      await connection.connect();
      return 'connected';
    case 'request':
      await connection.request(call.method, call.target, requestOptions(call));
      return 'sent';
    case 'putRequest':
      connection.putRequest(call.method, call.target);
      return 'begun; nothing is sent yet';
    case 'putHeader':
      connection.putHeader(call.name, call.value);
      return 'kept; nothing is sent yet';
    case 'endHeaders':
      await connection.endHeaders();
      return 'the head is sent';
    case 'send': {
      const bytes = new TextEncoder().encode(call.data);
      await connection.send(bytes);
      return `${count(bytes.length)} sent`;
    }
    case 'getResponse': {
      const response = await connection.getResponse();
      context.answered(response);
      return `${response.status} ${response.reason}`.trim();
    }
    case 'read': {
      if (context.response === undefined)
        throw new TypeError('Cannot read: getResponse has returned no response yet');
      const bytes = await context.response.read(call.amount);
      context.read(bytes);
      return bytes.length === 0 ? 'nothing: the body is at its end' : count(bytes.length);
    }
    case 'close':
      connection.close();
      return 'closed';
  }
}

type RequestCall = Extract<Call, { call: 'request' }>;

function requestOptions({ headers, body, blockSize, trailers }: RequestCall): RequestOptions {
  const options: RequestOptions = { headers };
  if (body !== undefined) options.body = bodyOf(body, blockSize);
  if (trailers !== undefined && trailers.length > 0) options.trailers = () => trailers;
  return options;
}

function bodyOf(text: string, blockSize: number | undefined): RequestBody {
  const bytes = new TextEncoder().encode(text);
  return blockSize === undefined ? bytes : blocksOf(bytes, blockSize);
}

function* blocksOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The call as it would be written in a program. */
export function codeOfCall(call: Call): string {
  switch (call.call) {
    case 'request':
      return `connection.request(${quoted(call.method)}, ${quoted(call.target)}${optionsCode(call)})`;
    case 'putRequest':
      return `connection.putRequest(${quoted(call.method)}, ${quoted(call.target)})`;
    case 'putHeader':
      return `connection.putHeader(${quoted(call.name)}, ${quoted(call.value)})`;
    case 'send':
      return `connection.send(${quoted(call.data)})`;
    case 'read':
      return `response.read(${call.amount ?? ''})`;
    case 'connect':
    case 'endHeaders':
    case 'getResponse':
    case 'close':
      return `connection.${call.call}()`;
  }
}

function optionsCode({ headers, body, blockSize, trailers = [] }: RequestCall): string {
  const parts = [
    ...(headers.length === 0 ? [] : [`headers: ${fieldsCode(headers)}`]),
    ...(body === undefined
      ? []
      : [`body: ${blockSize === undefined ? quoted(body) : `blocksOf(${quoted(body)}, ${blockSize})`}`]),
    ...(trailers.length === 0 ? [] : [`trailers: () => (${fieldsCode(trailers)})`]),
  ];
  return parts.length === 0 ? '' : `, { ${parts.join(', ')} }`;
}

/** As pairs, since a name may occur twice. */
function fieldsCode(fields: readonly (readonly [string, string])[]): string {
  return `[${fields.map(([name, value]) => `[${quoted(name)}, ${quoted(value)}]`).join(', ')}]`;
}

/** A string literal, truncated if it is long. */
function quoted(text: string): string {
  const most = 60;
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return `'${JSON.stringify(cut).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
