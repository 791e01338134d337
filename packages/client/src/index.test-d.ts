import type { HTTPConnection } from '@http-client/connection';
import type { HTTPException } from '@http-client/errors';
import type { HTTPSConnection } from '@http-client/tls';
import { expectTypeOf, test } from 'vitest';

import * as client from './index.js';
import type { ConnectionState, HeadersInput, RequestBody, Tolerance, Transport, WireEvent } from './index.js';

test('a name is the same thing here as in its own package', () => {
  expectTypeOf<client.HTTPConnection>().toEqualTypeOf<HTTPConnection>();
  expectTypeOf(client.HTTPSConnection).toEqualTypeOf<typeof HTTPSConnection>();
  expectTypeOf(client.HTTPException).toEqualTypeOf<typeof HTTPException>();
  expectTypeOf<typeof client.NOT_FOUND>().toEqualTypeOf<404>();
  expectTypeOf(client.responses[404]).toExtend<'Not Found'>();
});

test('the types of every layer are exported', () => {
  expectTypeOf<'Idle'>().toExtend<ConnectionState>();
  expectTypeOf<'bare-cr'>().toExtend<Tolerance>();
  expectTypeOf<Awaited<ReturnType<typeof client.connectTCP>>>().toEqualTypeOf<Transport>();
  expectTypeOf<client.HTTPMessage>().toExtend<HeadersInput>();
  expectTypeOf<client.HTTPResponse>().toExtend<RequestBody>();
  expectTypeOf<WireEvent['data']>().toEqualTypeOf<Uint8Array>();
});
