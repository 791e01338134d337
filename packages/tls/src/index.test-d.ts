import type { ConnectionOptions } from 'node:tls';

import { HTTPConnection } from '@http-client/connection';
import type { Connector, Transport } from '@http-client/io';
import { expectTypeOf, test } from 'vitest';

import { HTTPSConnection, connectTLS, createDefaultContext, startTLS } from './index.js';
import type { DefaultContextOptions, HTTPSConnectionOptions, StartTLSOptions, TLSContext } from './index.js';

declare const transport: Transport;

test('HTTPSConnection is an HTTPConnection on port 443', () => {
  expectTypeOf<HTTPSConnection>().toExtend<HTTPConnection>();
  expectTypeOf<typeof HTTPSConnection.defaultPort>().toEqualTypeOf<443>();
  expectTypeOf<typeof HTTPSConnection>().toExtend<typeof HTTPConnection>();
});

test('a context is the options of node:tls', () => {
  expectTypeOf<TLSContext>().toEqualTypeOf<ConnectionOptions>();
  expectTypeOf(createDefaultContext()).toEqualTypeOf<TLSContext>();
  // @ts-expect-error the option is called caFile
  createDefaultContext({ cafile: 'ca.pem' });
  // @ts-expect-error there is no such option of node:tls
  new HTTPSConnection('example.org', 443, { context: { verify: false } });
  // @ts-expect-error only HTTPSConnection takes a context
  new HTTPConnection('example.org', 443, { context: {} });
});

test('an option may be undefined, as from a configuration (exactOptionalPropertyTypes)', () => {
  type Undefined<Options> = { readonly [Name in keyof Options]-?: Options[Name] | undefined };
  expectTypeOf<Undefined<HTTPSConnectionOptions>>().toExtend<HTTPSConnectionOptions>();
  expectTypeOf<Undefined<StartTLSOptions>>().toExtend<StartTLSOptions>();
  expectTypeOf<Undefined<DefaultContextOptions>>().toExtend<DefaultContextOptions>();
});

test('TLS goes over any connector, and over any transport', () => {
  expectTypeOf(connectTLS()).toEqualTypeOf<Connector>();
  expectTypeOf(connectTLS({}, connectTLS())).toEqualTypeOf<Connector>();
  expectTypeOf(startTLS(transport, 'example.org', { timeout: 1 })).toEqualTypeOf<Promise<Transport>>();
  // @ts-expect-error the name that the certificate is checked for is required
  void startTLS(transport);
});
