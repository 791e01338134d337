import { joined } from '@http-client/io';
import { expect, onTestFinished } from 'vitest';

import { HTTPConnection, type HTTPConnectionOptions, type WireEvent } from '../index.js';
import { listen, type Peer } from './tcp-peer.js';
import { merged, shown, type Pieces } from './wire-pieces.js';

export interface Seen {
  readonly events: WireEvent[];
  readonly connection: HTTPConnection;
  readonly peer: Peer;
  /** What `HOST` stands for. */
  readonly host: string;
}

/** Runs a client program against a server, and closes. Returns what both saw. */
export async function exchange(
  serve: (peer: Peer) => Promise<void> | void,
  run: (connection: HTTPConnection) => Promise<void>,
  options: HTTPConnectionOptions = {},
): Promise<Seen> {
  const server = await listen(serve);
  onTestFinished(() => server.close());
  const events: WireEvent[] = [];
  const connection = new HTTPConnection('127.0.0.1', server.port, {
    onWire: (event) => events.push(event),
    ...options,
  });
  await run(connection);
  connection.close();
  await server.served();
  const peer = server.peers[0]!;
  await peer.end();
  return { events, connection, peer, host: `127.0.0.1:${server.port}` };
}

/** Compares both directions, byte for byte and part for part. */
export function expectWire({ events, peer, host }: Seen, sent: Pieces, received: Pieces): void {
  const named = sent.map(([part, text]) => [part, text.replace('HOST', host)] as const);
  expect(merged(shown(events, 'sent'))).toEqual(merged(named));
  expect(merged(shown(events, 'received'))).toEqual(merged(received));
  for (const [direction, bytes] of [
    ['sent', peer.received],
    ['received', peer.sent],
  ] as const) {
    const put = joined(...events.filter((event) => event.direction === direction).map(({ data }) => data));
    expect(Buffer.compare(put, bytes), direction).toBe(0);
  }
}
