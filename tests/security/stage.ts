import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTLSServer, type TlsOptions, type TLSSocket } from 'node:tls';

import { HTTPConnection, HTTPSConnection, type RequestOptions } from '@http-client/client';
import {
  afterRequest,
  scriptedConnector,
  scriptedTransport,
  type ScriptStep,
} from '@http-client/connection/testing';
import { generate } from 'selfsigned';
import { expect, onTestFinished } from 'vitest';

export const HEAD = 'HTTP/1.1 200 OK\r\n';
export const OK = `${HEAD}Content-Length: 2\r\n\r\nhi`;
export const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
export const FORGED = `${HEAD}Content-Length: 6\r\n\r\nforged`;
export const SECRET = 'Basic c2VjcmV0';

/** Each attack, by its row of SECURITY.md, and the test of it. */
export type Attacks = Readonly<Record<string, () => Promise<void>>>;

/** The result of a call, or the name of its error; of one of the system or of OpenSSL, the code. */
export async function outcome(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    const { name, code } = error as Error & { code?: string };
    return name === 'Error' ? code : name;
  }
}

/** How a scripted response is taken: its body, and whether the connection stays usable; or the error's name. */
export function answered(script: ScriptStep[]): Promise<unknown> {
  const { connector } = scriptedTransport(script);
  const connection = new HTTPConnection('example.org', 80, { connector });
  return outcome(async () => {
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    const text = await response.text();
    return `${text}${connection.reusable ? '' : ' (closed)'}`;
  }).finally(() => {
    connection.close();
  });
}

/** The result of a request, and everything that was written. */
export async function sent(request: (connection: HTTPConnection) => Promise<unknown>): Promise<unknown> {
  const transport = scriptedTransport([OK]);
  const connection = new HTTPConnection('example.org', 80, { connector: transport.connector });
  const name = await outcome(() => request(connection));
  connection.close();
  return [name, transport.writtenText];
}

export const post = (options: RequestOptions) => (connection: HTTPConnection) =>
  connection.request('POST', '/', options);

/** Makes two requests. The second must go to the second server, whatever the first one sent. */
export async function second(first: ScriptStep[], method = 'GET'): Promise<unknown> {
  const transports = [scriptedTransport(first), scriptedTransport([afterRequest(), OK])];
  const connection = new HTTPConnection('example.org', 80, { connector: scriptedConnector(transports) });
  await connection.request(method, '/');
  await (await connection.getResponse()).read();
  while (connection.reusable) await new Promise(setImmediate);
  await connection.request('GET', '/');
  const text = await (await connection.getResponse()).text();
  connection.close();
  return text;
}

export async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A TLS server with a self-signed certificate, for 127.0.0.1 by default, and the data that it received. */
export async function secure(
  serve: (socket: TLSSocket) => void,
  { ip = '127.0.0.1', notAfterDate, ...options }: TlsOptions & { ip?: string; notAfterDate?: Date } = {},
): Promise<{ port: number; ca: string; asked: string[] }> {
  const made = await generate([{ name: 'commonName', value: 'test' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip }] }],
    ...(notAfterDate && { notBeforeDate: new Date(0), notAfterDate }),
  });
  const asked: string[] = [];
  const server = createTLSServer({ cert: made.cert, key: made.private, ...options }, (socket) => {
    socket.on('error', () => undefined);
    socket.setEncoding('latin1').on('data', (text: string) => asked.push(text));
    socket.once('data', () => {
      serve(socket);
    });
  });
  server.on('tlsClientError', () => undefined);
  return { port: await listen(server), ca: made.cert, asked };
}

export const getSecurely = (port: number, context?: HTTPSConnectionContext): Promise<unknown> =>
  outcome(async () => {
    const connection = new HTTPSConnection('127.0.0.1', port, {
      timeout: 60_000,
      ...(context && { context }),
    });
    onTestFinished(() => {
      connection.close();
    });
    await connection.request('GET', '/');
    return (await connection.getResponse()).text();
  });
export type HTTPSConnectionContext = NonNullable<
  NonNullable<ConstructorParameters<typeof HTTPSConnection>[2]>['context']
>;

/** A request through a scripted proxy: its result, and each write to the proxy. */
export async function tunnelled(
  script: ScriptStep[],
  authenticate?: (refusal: unknown, round: number) => { 'Proxy-Authorization': string },
): Promise<{ came: unknown; writes: string[] }> {
  const transport = scriptedTransport(script);
  const connection = new HTTPConnection('proxy.example', 3128, { connector: transport.connector });
  const headers = { 'Proxy-Authorization': SECRET };
  connection.setTunnel('example.org', 80, authenticate === undefined ? { headers } : { authenticate });
  const came = await outcome(async () => {
    await connection.request('GET', '/');
    return (await connection.getResponse()).text();
  });
  connection.close();
  return { came, writes: transport.writes.map((bytes) => Buffer.from(bytes).toString('latin1')) };
}

/** A server that sends without end, and how many bytes the system had taken when it took no more. */
export async function torrent(): Promise<{ port: number; stuck: Promise<number> }> {
  let resolve!: (count: number) => void;
  const stuck = new Promise<number>((done) => (resolve = done));
  const block = Buffer.alloc(65_536);
  const send = async (socket: Socket): Promise<void> => {
    socket.write(`${HEAD}\r\n`);
    const taken = (): number => socket.bytesWritten - socket.writableLength;
    // Both sides run in this event loop: if nothing has been taken for some turns, nothing is read any more.
    for (let last = -1; last !== taken();) {
      last = taken();
      while (socket.write(block));
      for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    }
    resolve(taken());
  };
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    onTestFinished(() => {
      socket.destroy();
    });
    socket.once('data', () => void send(socket));
  });
  return { port: await listen(server), stuck };
}

export const refused = (...names: string[]) => expect.stringMatching(`^(${names.join('|')})$`) as unknown;
