import { describe, expectTypeOf, test } from 'vitest';

import type { ByteReader } from './index.js';
import type { ByteSource, ConnectTarget, Connector, OwnBytes, Transport } from './index.js';

describe('ByteReader', () => {
  test('takes every kind of source', () => {
    expectTypeOf<Uint8Array>().toExtend<ByteSource>();
    expectTypeOf<Buffer>().toExtend<ByteSource>();
    expectTypeOf<Uint8Array[]>().toExtend<ByteSource>();
    expectTypeOf<AsyncGenerator<Uint8Array>>().toExtend<ByteSource>();
    expectTypeOf<ReadableStream<Uint8Array>>().toExtend<ByteSource>();
    expectTypeOf<Transport>().toExtend<ByteSource>();
    expectTypeOf<{ read(): Promise<Uint8Array | null> }>().toExtend<ByteSource>();
  });

  test('takes nothing else', () => {
    expectTypeOf<string>().not.toExtend<ByteSource>();
    expectTypeOf<string[]>().not.toExtend<ByteSource>();
    expectTypeOf<ReadableStream<string>>().not.toExtend<ByteSource>();
    expectTypeOf<ArrayBuffer>().not.toExtend<ByteSource>();
  });

  test('reads bytes', () => {
    expectTypeOf<ByteReader['read']>().toEqualTypeOf<(amt?: number) => Promise<OwnBytes>>();
    expectTypeOf<ByteReader['read1']>().toEqualTypeOf<(amt?: number) => Promise<OwnBytes>>();
    expectTypeOf<ByteReader['peek']>().toEqualTypeOf<(amt?: number) => Promise<OwnBytes>>();
    expectTypeOf<ByteReader['readLine']>().toEqualTypeOf<(limit?: number) => Promise<OwnBytes>>();
    expectTypeOf<ByteReader['readInto']>().toEqualTypeOf<(target: ArrayBufferView) => Promise<number>>();
    expectTypeOf<ByteReader['readInto1']>().toEqualTypeOf<(target: ArrayBufferView) => Promise<number>>();
  });
});

describe('Transport', () => {
  test('has three required methods, and two optional members', () => {
    expectTypeOf<{
      read(): Promise<Buffer | null>;
      write(data: Uint8Array): Promise<void>;
      close(): void;
    }>().toExtend<Transport>();
    expectTypeOf<{
      read(): Promise<Uint8Array>;
      write(data: Uint8Array): Promise<void>;
    }>().not.toExtend<Transport>();
    expectTypeOf<{
      read(): Promise<string>;
      write(data: Uint8Array): Promise<void>;
      close(): void;
    }>().not.toExtend<Transport>();
  });

  test('a connector is given host and port, and what limits the attempt', () => {
    expectTypeOf<Connector>().toEqualTypeOf<(target: ConnectTarget) => Promise<Transport>>();
    expectTypeOf<{ host: string; port: number }>().toExtend<ConnectTarget>();
    expectTypeOf<{ host: string; port: string }>().not.toExtend<ConnectTarget>();
    expectTypeOf<ConnectTarget['signal']>().toEqualTypeOf<AbortSignal | undefined>();
    expectTypeOf<ConnectTarget['sourceAddress']>().toEqualTypeOf<
      readonly [host: string, port: number] | undefined
    >();
  });

  // A connector passes on what it was given; a wrapper has the descriptor that the wrapped transport has, if any.
  test('what is optional may be undefined (exactOptionalPropertyTypes)', () => {
    type Undefined<Options> = { readonly [Name in keyof Options]-?: Options[Name] | undefined };
    type Terms = Omit<ConnectTarget, 'host' | 'port'>;
    expectTypeOf<Undefined<Terms>>().toExtend<Terms>();
    expectTypeOf<
      Pick<Transport, 'read' | 'write' | 'close'> & { fileno: number | undefined }
    >().toExtend<Transport>();
  });
});
