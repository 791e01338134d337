import { describe, expectTypeOf, test } from 'vitest';

import type {
  TimeoutPhase,
  CannotSendHeader,
  CannotSendRequest,
  ImproperConnectionState,
  InvalidChunk,
  LineTooLong,
  RemoteDisconnected,
} from './index.js';
import {
  BadStatusLine,
  HTTPException,
  IncompleteRead,
  ResponseNotReady,
  TimeoutError,
  TunnelError,
  error,
  isHTTPException,
} from './index.js';

declare const caught: unknown;

describe('what a handler learns from an error', () => {
  test('isHTTPException gives code and delivery', () => {
    if (!isHTTPException(caught)) return;
    expectTypeOf(caught).toEqualTypeOf<HTTPException>();
    expectTypeOf(caught.code).toEqualTypeOf<string>();
    expectTypeOf(caught.delivery).toEqualTypeOf<'unsent' | 'partial' | 'sent' | 'answered' | undefined>();
    expectTypeOf(caught).toExtend<Error>();
  });

  test('instanceof gives the properties of the class', () => {
    if (caught instanceof IncompleteRead) {
      expectTypeOf(caught.partial).toEqualTypeOf<Uint8Array>();
      expectTypeOf(caught.expected).toEqualTypeOf<number | undefined>();
    } else if (caught instanceof TimeoutError) {
      expectTypeOf(caught.phase).toEqualTypeOf<TimeoutPhase>();
    } else if (caught instanceof TunnelError) {
      expectTypeOf(caught.status).toEqualTypeOf<number>();
      expectTypeOf(caught.headers.get('Proxy-Authenticate')).toEqualTypeOf<string | undefined>();
      expectTypeOf(caught.body).toEqualTypeOf<Uint8Array>();
    } else if (caught instanceof BadStatusLine) {
      expectTypeOf(caught.code).toEqualTypeOf<'HTTP_BAD_STATUS_LINE' | 'ECONNRESET'>();
      expectTypeOf(caught.line).toEqualTypeOf<string>();
    } else if (caught instanceof ResponseNotReady) {
      expectTypeOf(caught.state).toEqualTypeOf<'Idle' | 'Request-started' | 'Request-sent'>();
    }
  });

  test('the code of a class is a literal', () => {
    expectTypeOf<IncompleteRead['code']>().toEqualTypeOf<'HTTP_INCOMPLETE_READ'>();
    expectTypeOf<TimeoutError['code']>().toEqualTypeOf<'ETIMEDOUT'>();
    expectTypeOf<RemoteDisconnected['code']>().toEqualTypeOf<'ECONNRESET'>();
  });

  test('a code discriminates a union', () => {
    const failure = caught as IncompleteRead | TimeoutError | RemoteDisconnected;
    if (failure.code === 'ETIMEDOUT') expectTypeOf(failure).toEqualTypeOf<TimeoutError>();
    if (failure.code === 'ECONNRESET') expectTypeOf(failure).toEqualTypeOf<RemoteDisconnected>();
  });
});

test('the classes form the tree of the reference', () => {
  expectTypeOf<RemoteDisconnected>().toExtend<BadStatusLine>();
  expectTypeOf<CannotSendRequest>().toExtend<ImproperConnectionState>();
  expectTypeOf<CannotSendHeader>().toExtend<ImproperConnectionState>();
  expectTypeOf<ImproperConnectionState>().toExtend<HTTPException>();
  expectTypeOf<ImproperConnectionState>().not.toExtend<CannotSendRequest>();
  expectTypeOf(error).toEqualTypeOf<typeof HTTPException>();
});

test('a constructor requires the fields of its class', () => {
  expectTypeOf(
    new IncompleteRead('cut', { partial: new Uint8Array(), cause: 0 }),
  ).toEqualTypeOf<IncompleteRead>();
  expectTypeOf<typeof LineTooLong>().toBeConstructibleWith('m', { what: 'a field line', limit: 1, cause: 1 });
  expectTypeOf<ConstructorParameters<typeof RemoteDisconnected>['length']>().toEqualTypeOf<1 | 2>();
  expectTypeOf<ConstructorParameters<typeof InvalidChunk>['length']>().toEqualTypeOf<2>();
  // @ts-expect-error partial is missing
  new IncompleteRead('cut', { expected: 1 });
  // @ts-expect-error there is no such phase
  new TimeoutError('late', { phase: 'dns' });
  // @ts-expect-error there is no such delivery
  new HTTPException('lost', { delivery: 'lost' });
});
