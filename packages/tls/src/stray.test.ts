import { connect, type Socket } from 'node:net';

import type { WireEvent } from '@http-client/connection';
import type { ConnectTarget, Transport } from '@http-client/io';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';

import { acrossStandstill } from '../../../tests/support/idle-peer.js';
import { tcpServer, tlsServer } from './testdata/peers.js';
import { CARRIERS, get, NATIVE, open, trusting } from './testdata/stage.js';

const FORGED = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged';

/** How many whole records of application data there are (RFC 8446, section 5.1): a type, a version, a length. */
function records(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at + 5 <= bytes.length;) {
    at += 5 + bytes.readUInt16BE(at + 3);
    if (at <= bytes.length) count++;
  }
  return count;
}

interface Relay {
  readonly port: number;
  /** From now on the relay passes on what the server sends two records at a time, in one segment. */
  readonly pair: () => void;
}

/** Relays to a port. */
async function relay(port: number): Promise<Relay> {
  let held: Buffer | undefined;
  const { port: own } = await tcpServer((near: Socket) => {
    const far = connect(port, '127.0.0.1');
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
    near.on('data', (block: Buffer) => far.write(block));
    far.on('data', (block: Buffer) => {
      if (held === undefined) {
        near.write(block);
        return;
      }
      held = Buffer.concat([held, block]);
      if (records(held) < 2) return;
      near.write(held);
      held = Buffer.alloc(0);
    });
  });
  return {
    port: own,
    pair: () => {
      held = Buffer.alloc(0);
    },
  };
}

/** A transport of a caller's own that gives each record as a block of its own, as soon as it is asked. */
async function byRecord(target: ConnectTarget): Promise<Transport> {
  const transport = await CARRIERS['a transport of the caller’s own']!(target);
  let rest = Buffer.alloc(0);
  return {
    read: async () => {
      while (records(rest) === 0) {
        const block = await transport.read();
        if (block === null) return null;
        rest = Buffer.concat([rest, block]);
      }
      const length = 5 + rest.readUInt16BE(3);
      const record = rest.subarray(0, length);
      rest = rest.subarray(length);
      return record;
    },
    write: (data) => transport.write(data),
    close: () => {
      transport.close();
    },
  };
}

// One read of the socket brings both records, and TLS delivers them one by one, with the caller's code in between.
describe.each([
  ['TLSv1.2', 'the socket itself', NATIVE],
  ['TLSv1.3', 'the socket itself', NATIVE],
  ['TLSv1.2', 'a transport of the caller’s own', byRecord],
  ['TLSv1.3', 'a transport of the caller’s own', byRecord],
] as const)('%s over %s, a record after that of the response', (maxVersion, _carrier, connector) => {
  test.each([
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'],
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\n\r\n'],
  ])('%s, %j: is not the next response', async (method, last) => {
    // The first exchange is over when the tickets of 1.3 have arrived, which are records of application data, too.
    const answers = [
      ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst'],
      [last, FORGED],
      ['HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n', 'real'],
    ];
    let requests = 0;
    const { port } = await tlsServer(
      (socket) => {
        socket.on('error', () => undefined);
        socket.on('data', () => {
          if (requests === 1) pair();
          for (const record of answers[requests++] ?? []) socket.write(record);
        });
      },
      { maxVersion },
    );
    const { port: relayed, pair } = await relay(port);
    const connection = open(relayed, { connector, context: trusting() });
    for (const [verb, target] of [
      ['GET', '/1'],
      [method, '/2'],
    ] as const) {
      await connection.request(verb, target);
      const response = await connection.getResponse();
      await response.read();
    }
    await connection.request('GET', '/3');
    const third = await connection.getResponse();
    expect(await third.text()).toBe('real');
    expect(requests).toBe(3);
  });
});

test('after a response in one record, which came alone, the next request does not wait', async () => {
  const serve = (socket: Socket): void => {
    socket
      .on('error', () => undefined)
      .on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
      });
  };
  const { port } = await tlsServer(serve, { minVersion: 'TLSv1.3' });
  // No time passes until the request, however busy the machine is: later on, the client looks first.
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  let sent = 0;
  const onWire = ({ part }: WireEvent): void => {
    if (part === 'request-line') sent++;
  };
  const connection = open(port, { onWire });
  // The first response may come together with the tickets of 1.3.
  await get(connection);
  await get(connection);
  const requesting = connection.request('GET', '/');
  expect(sent).toBe(3);
  await requesting;
});

// TLS has not decrypted it either.
test.each(['end', 'write'] as const)(
  'what arrives while the program computes (%s) is seen before the next request is sent',
  async (what) => {
    const bodies = await acrossStandstill({ what, certificate: inject('certificates').valid }, open);
    expect(bodies).toEqual(['connection 1', 'connection 2']);
  },
);
