import type { TunnelError } from '@http-client/errors';
import type { HeadersInput, HTTPMessage } from '@http-client/headers';
import type { Transport } from '@http-client/io';
import { expectTypeOf, test } from 'vitest';

import { openTunnel } from './index.js';
import type { TunnelOptions, TunnelTarget } from './index.js';

declare const transport: Transport;

test('openTunnel returns what the proxy said, and the tunnel’s transport', () => {
  type Opened = Awaited<ReturnType<typeof openTunnel>>;
  expectTypeOf(openTunnel).parameter(1).toEqualTypeOf<TunnelTarget>();
  expectTypeOf<Opened['status']>().toEqualTypeOf<number>();
  expectTypeOf<Opened['reason']>().toEqualTypeOf<string>();
  expectTypeOf<Opened['headers']>().toEqualTypeOf<HTTPMessage>();
  expectTypeOf<Opened['transport']>().toEqualTypeOf<Transport>();
});

test('a target has a host and a port', () => {
  expectTypeOf<{
    host: string;
    port: number;
    headers: { 'Proxy-Authorization': string };
  }>().toExtend<TunnelTarget>();
  expectTypeOf<{ host: string }>().not.toExtend<TunnelTarget>();
});

test('authenticate receives the refusal, and may return fields, a promise of them or undefined', () => {
  type Authenticate = NonNullable<TunnelOptions['authenticate']>;
  expectTypeOf<Parameters<Authenticate>>().toEqualTypeOf<[refusal: TunnelError, round: number]>();
  expectTypeOf<ReturnType<Authenticate>>().toEqualTypeOf<
    HeadersInput | undefined | Promise<HeadersInput | undefined>
  >();
});

test('an unknown or mistyped option is rejected', () => {
  // @ts-expect-error the option is called timeout
  void openTunnel(transport, { host: 'example.org', port: 443 }, { timeOut: 1 });
  // @ts-expect-error it is a number of milliseconds
  void openTunnel(transport, { host: 'example.org', port: 443 }, { timeout: '1s' });
});
