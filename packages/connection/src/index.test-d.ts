import type { HTTPMessage } from '@http-client/headers';
import type { Connector, OwnBytes, Transport } from '@http-client/io';
import { describe, expectTypeOf, test } from 'vitest';

import { HTTPConnection, HTTPResponse, connectTCP } from './index.js';
import type {
  ConnectionState,
  HTTPConnectionOptions,
  RequestBody,
  RequestOptions,
  Tolerance,
  Violation,
  WireEvent,
  HTTP_PORT,
} from './index.js';
import { scriptedTransport, type ScriptedTransport, type ScriptOptions } from './testing.js';

declare const connection: HTTPConnection;
declare const response: HTTPResponse;

describe('HTTPConnection', () => {
  test('calls that wait for the network return a promise, those that only prepare bytes return nothing', () => {
    expectTypeOf(connection.request('GET', '/')).toEqualTypeOf<Promise<void>>();
    expectTypeOf(connection.getResponse()).toEqualTypeOf<Promise<HTTPResponse>>();
    expectTypeOf(connection.connect()).toEqualTypeOf<Promise<void>>();
    expectTypeOf(connection.endHeaders()).toEqualTypeOf<Promise<void>>();
    expectTypeOf(connection.send('a')).toEqualTypeOf<Promise<void>>();
    expectTypeOf<HTTPConnection['putRequest']>().returns.toBeVoid();
    expectTypeOf<HTTPConnection['putHeader']>().returns.toBeVoid();
    expectTypeOf<HTTPConnection['setTunnel']>().returns.toBeVoid();
    expectTypeOf<HTTPConnection['setDebugLevel']>().returns.toBeVoid();
    expectTypeOf<HTTPConnection['close']>().returns.toBeVoid();
  });

  test('shows its state', () => {
    expectTypeOf(connection.state).toEqualTypeOf<ConnectionState>();
    expectTypeOf<ConnectionState>().toEqualTypeOf<'Idle' | 'Request-started' | 'Request-sent'>();
    expectTypeOf(connection.timeout).toEqualTypeOf<number | undefined>();
    expectTypeOf(connection.transport).toEqualTypeOf<Transport | undefined>();
    expectTypeOf(connection.detach()).toEqualTypeOf<{ transport: Transport; head: OwnBytes }>();
    expectTypeOf(connection.getProxyResponseHeaders()).toEqualTypeOf<HTTPMessage | undefined>();
    expectTypeOf<typeof HTTP_PORT>().toEqualTypeOf<80>();
    expectTypeOf(HTTPConnection.defaultPort).toEqualTypeOf<number>();
    // @ts-expect-error only the state machine behind it sets it
    connection.state = 'Idle';
  });

  test('can be disposed of', () => {
    expectTypeOf<HTTPConnection>().toExtend<AsyncDisposable & Disposable>();
    expectTypeOf<HTTPResponse>().toExtend<AsyncDisposable>();
  });

  test('a subclass may override the validation methods, which are otherwise inaccessible', () => {
    class Loose extends HTTPConnection {
      protected override validateMethod(): void {}
      protected override validateTarget(): void {}
      protected override validateHost(): void {}
      protected override encodeRequestLine(line: string): Uint8Array {
        return new TextEncoder().encode(line);
      }
    }
    expectTypeOf<Loose>().toExtend<HTTPConnection>();
    // @ts-expect-error it is protected
    connection.validateMethod('GET');
  });

  test('an option may be undefined, as from a configuration (exactOptionalPropertyTypes)', () => {
    type Undefined<Options> = { readonly [Name in keyof Options]-?: Options[Name] | undefined };
    expectTypeOf<Undefined<HTTPConnectionOptions>>().toExtend<HTTPConnectionOptions>();
    expectTypeOf<Undefined<RequestOptions>>().toExtend<RequestOptions>();
    expectTypeOf<Undefined<ScriptOptions>>().toExtend<ScriptOptions>();
    const signal = undefined as AbortSignal | undefined;
    void connection.connect({ signal });
    void connection.getResponse({ signal });
    void connection.send('a', { signal });
    void connection.endHeaders('a', { signal, encodeChunked: undefined });
    connection.putRequest('GET', '/', { skipHost: undefined, skipAcceptEncoding: undefined });
  });

  test('requires host and method as strings, and the port as a number', () => {
    // @ts-expect-error a URL is more than a host
    new HTTPConnection(new URL('http://example.org'));
    // @ts-expect-error the port is a number
    new HTTPConnection('example.org', '80');
    // @ts-expect-error the target is a string
    void connection.request('GET', new URL('http://example.org/'));
  });
});

describe('the options', () => {
  const connect = (options: HTTPConnectionOptions): HTTPConnection =>
    new HTTPConnection('example.org', 80, options);
  const request = (options: RequestOptions): Promise<void> => connection.request('POST', '/', options);

  test('are rejected if the name is unknown', () => {
    // @ts-expect-error it is called timeout
    connect({ timeOut: 1 });
    // @ts-expect-error it is called sourceAddress
    connect({ source_address: ['127.0.0.1', 0] });
    // @ts-expect-error it is called blockSize
    connect({ blocksize: 1 });
    // @ts-expect-error it is called encodeChunked
    void request({ encode_chunked: true });
    // @ts-expect-error the query is part of the target
    void request({ params: {} });
  });

  test('are rejected if the value is of another type', () => {
    // @ts-expect-error it is a number of milliseconds
    connect({ timeout: '1s' });
    // @ts-expect-error it is a host and a port
    connect({ sourceAddress: '127.0.0.1' });
    // @ts-expect-error it is a list
    connect({ tolerate: 'bare-cr' });
    // @ts-expect-error there is no such rule
    connect({ tolerate: ['bare-lf'] });
    // @ts-expect-error an object is not a body
    void request({ body: { a: 1 } });
    // @ts-expect-error trailers are a function, called after the body
    void request({ trailers: { A: 'b' } });
  });

  test('have the documented types', () => {
    expectTypeOf<RequestOptions['body']>().toEqualTypeOf<RequestBody | null | undefined>();
    expectTypeOf<RequestOptions['signal']>().toEqualTypeOf<AbortSignal | undefined>();
    expectTypeOf<HTTPConnectionOptions['connector']>().toEqualTypeOf<Connector | undefined>();
    expectTypeOf<HTTPConnectionOptions['onWire']>().toEqualTypeOf<((event: WireEvent) => void) | undefined>();
    expectTypeOf<HTTPConnectionOptions['tolerate']>().toEqualTypeOf<readonly Tolerance[] | undefined>();
    expectTypeOf<Tolerance>().toEqualTypeOf<
      | 'bare-cr'
      | 'bare-lf-in-chunks'
      | 'space-before-colon'
      | 'malformed-field-line'
      | 'conflicting-content-length'
      | 'invalid-content-length'
      | 'unknown-transfer-coding'
      | 'invalid-chunk-size'
      | 'missing-chunk-crlf'
      | 'truncated-body'
      | 'content-length-with-transfer-encoding'
      | 'obsolete-fold'
    >();
    expectTypeOf<WireEvent['part']>().toEqualTypeOf<
      | 'request-line'
      | 'status-line'
      | 'header'
      | 'blank-line'
      | 'body'
      | 'chunk-size'
      | 'chunk-data'
      | 'chunk-end'
      | 'trailer'
      | 'excess'
    >();
  });
});

describe('HTTPResponse', () => {
  test('is created by connections only', () => {
    // @ts-expect-error the constructor is private
    new HTTPResponse();
  });

  test('getHeader returns a string if there is a fallback', () => {
    expectTypeOf(response.getHeader('Via')).toEqualTypeOf<string | undefined>();
    expectTypeOf(response.getHeader('Via', 'none')).toEqualTypeOf<string>();
    expectTypeOf(response.getHeader('Via', ['a', 'b'])).toEqualTypeOf<string>();
    expectTypeOf(response.getHeaders()).toEqualTypeOf<[string, string][]>();
    // @ts-expect-error the fallback is a string
    response.getHeader('Via', 0);
  });

  test('has head and framing as received', () => {
    expectTypeOf(response.version).toEqualTypeOf<10 | 11>();
    expectTypeOf(response.status).toEqualTypeOf<number>();
    expectTypeOf(response.headers).toEqualTypeOf<HTTPMessage>();
    expectTypeOf(response.msg).toEqualTypeOf<HTTPMessage>();
    expectTypeOf(response.length).toEqualTypeOf<number | undefined>();
    expectTypeOf(response.trailers).toEqualTypeOf<HTTPMessage | undefined>();
    expectTypeOf(response.violations).toEqualTypeOf<readonly Violation[]>();
    expectTypeOf<Violation>().toEqualTypeOf<{ rule: Tolerance; offset: number; detail: string }>();
    // @ts-expect-error it is read-only
    response.status = 200;
  });

  test('is read as bytes, text, JSON or by web streams', () => {
    expectTypeOf(response.read(1)).toEqualTypeOf<Promise<OwnBytes>>();
    expectTypeOf(response.readInto(new Uint8Array(1))).toEqualTypeOf<Promise<number>>();
    expectTypeOf(response.text()).toEqualTypeOf<Promise<string>>();
    expectTypeOf(response.bytes()).toEqualTypeOf<Promise<OwnBytes>>();
    expectTypeOf(response.json()).toEqualTypeOf<Promise<unknown>>();
    expectTypeOf(response.json<{ a: number }>()).toEqualTypeOf<Promise<{ a: number }>>();
    expectTypeOf(response.body).toEqualTypeOf<ReadableStream<OwnBytes>>();
    expectTypeOf(response.toWebResponse()).toEqualTypeOf<Response>();
    expectTypeOf(response.lines()).toExtend<AsyncIterable<OwnBytes>>();
    expectTypeOf(response).toExtend<AsyncIterable<OwnBytes>>();
    expectTypeOf(response).toExtend<RequestBody>();
  });
});

test('connectTCP and a scripted transport are what a connection runs on', () => {
  expectTypeOf(connectTCP).toExtend<Connector>();
  expectTypeOf(scriptedTransport('')).toEqualTypeOf<ScriptedTransport>();
  expectTypeOf<ScriptedTransport>().toExtend<Transport>();
  // @ts-expect-error there is no such way to split
  scriptedTransport('', { split: 'lines' });
});
