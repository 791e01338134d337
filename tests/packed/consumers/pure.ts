// A user's program with the platform-independent packages. It is compiled with the types of Node and the DOM, with
// those of either, and with neither.

import {
  ChunkedDecoder,
  contentLength,
  encodeBody,
  responseFraming,
  type RequestBody,
} from '@http-client/body';
import { HTTPException, IncompleteRead, isHTTPException, type Delivery } from '@http-client/errors';
import { HTTPMessage, parseHeaderBlock, parseHeaders, type HeadersInput } from '@http-client/headers';
import {
  ByteReader,
  decodeLatin1,
  type ConnectTarget,
  type Connector,
  type Transport,
} from '@http-client/io';
import { HTTPStatus, NOT_FOUND, isSuccess, responses } from '@http-client/status';

export const phrase: 'Not Found' = responses[NOT_FOUND];
export const status: HTTPStatus = HTTPStatus.OK;
// @ts-expect-error 299 has no name; if the types were lost, any value would be accepted
export const none: HTTPStatus = 299;

export class Recorded implements Transport {
  read(): Promise<Uint8Array | null> {
    return Promise.resolve(null);
  }
  write(data: Uint8Array): Promise<void> {
    return data.length === 0 ? Promise.reject(new HTTPException('nothing')) : Promise.resolve();
  }
  close(): void {}
}

export const connector: Connector = ({ host, port, signal, timeout = 0 }: ConnectTarget) => {
  if (signal?.aborted === true) throw signal.reason;
  return Promise.resolve(host === '' && port === timeout ? new Recorded() : new Recorded());
};

export async function lengthOf(source: Transport, fields: HeadersInput): Promise<number | undefined> {
  const reader = new ByteReader(source);
  const message = await parseHeaders(reader, { maxHeaders: 10 });
  for (const [name, value] of new HTTPMessage(fields)) message.append(name, value);
  const { headers } = parseHeaderBlock(message.toBytes()) ?? { headers: message };
  const web = headers.toHeaders();
  web.append('A', web.get('B') ?? decodeLatin1(await reader.read(2)));
  const framing = responseFraming({ headers, method: 'GET', status: 200, strict: true, version: 11 });
  return framing.kind === 'length' ? framing.length : undefined;
}

export async function* blocksOf(
  body: RequestBody,
  decoder = new ChunkedDecoder(),
): AsyncIterable<Uint8Array> {
  if (contentLength(body, 'POST') === undefined && isSuccess(200)) yield decoder.decode(new Uint8Array());
  yield* encodeBody(body, { blockSize: 1024 });
}

export function deliveryOf(error: unknown): Delivery | undefined {
  if (error instanceof IncompleteRead) return error.partial.length > 0 ? 'answered' : error.delivery;
  return isHTTPException(error) ? error.delivery : undefined;
}
