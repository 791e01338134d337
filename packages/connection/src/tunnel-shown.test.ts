import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { decodeLatin1 } from '@http-client/io';
import { expect, test, vi } from 'vitest';

import type { WireEvent } from './index.js';
import { afterRequest } from './testing.js';
import { CHALLENGE, HELLO, proxied } from './testdata/tunnel-stage.js';

test('debugLevel prints CONNECT and its reply', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  const { connection } = proxied([HELLO]);
  connection.setTunnel('destination.com');
  connection.setDebugLevel(1);
  await connection.connect();
  const lines = log.mock.calls.map(([line]: unknown[]) => line);
  log.mockRestore();
  expect(lines).toEqual([
    "send: 'CONNECT destination.com:80 HTTP/1.1\\r\\nHost: destination.com:80\\r\\n\\r\\n'",
    "reply: 'HTTP/1.1 200 Connection established\\r\\n'",
    'header: X-Proxy: y',
  ]);
});

test('onWire sees every byte, in order', async () => {
  const events: WireEvent[] = [];
  const script = [CHALLENGE, afterRequest(), ...HELLO];
  const { connection, transports } = proxied([script], { onWire: (event) => events.push(event) });
  connection.setTunnel('destination.com', 80, { authenticate: () => ({ A: 'b' }) });
  await connection.request('GET', '/');
  await (await connection.getResponse()).text();
  const bytes = (direction: string): string =>
    events
      .filter((event) => event.direction === direction)
      .map(({ data }) => decodeLatin1(data))
      .join('');
  expect(bytes('sent')).toBe(transports[0]!.writtenText);
  expect(bytes('received')).toBe(script.filter((step) => typeof step === 'string').join(''));
  expect(events.map(({ direction, part }) => `${direction} ${part}`).join(', ')).toMatch(
    /^sent request-line, sent header, sent blank-line, received status-line, (received header, )+received blank-line, received body, sent request-line/,
  );
});

test('the diagnostics channels report the proxy, and CONNECT', async () => {
  const messages: unknown[] = [];
  const listen = (message: unknown): void => {
    messages.push(message);
  };
  const channels = ['http.client.connect', 'http.client.send'];
  for (const name of channels) subscribe(name, listen);
  const { connection, transports } = proxied([HELLO]);
  connection.setTunnel('destination.com');
  await connection.connect();
  for (const name of channels) unsubscribe(name, listen);
  expect(messages).toEqual([
    { connection, host: 'proxy.com', port: 3128 },
    { connection, data: transports[0]!.writes[0] },
  ]);
});
