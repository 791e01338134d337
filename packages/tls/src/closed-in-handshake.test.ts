import { describe, expect, test } from 'vitest';

import { HTTPException } from '@http-client/errors';

import { connectTLS } from './index.js';
import { proxy, tcpServer, tlsServer } from './testdata/peers.js';
import { CARRIERS, open, trusting, until } from './testdata/stage.js';

// OpenSSL's callback that checks the certificate is on the stack, or has only just returned. Closing the socket below
// TLS at that moment would end the whole process.
type Act = (end: () => void) => void;
const WHEN: [when: string, act: Act][] = [
  [
    'at once',
    (end) => {
      end();
    },
  ],
  [
    'in a microtask',
    (end) => {
      queueMicrotask(end);
    },
  ],
  [
    'in a tick',
    (end) => {
      process.nextTick(end);
    },
  ],
  [
    'some microtasks later',
    (end) =>
      void (async () => {
        for (let at = 0; at < 4; at++) await Promise.resolve();
        end();
      })(),
  ],
];
const HOW = ['close', 'abort'] as const;
const WAYS = ['directly', 'through a proxy', 'through a proxy over TLS'] as const;

describe.each(Object.entries(CARRIERS))('over %s', (_name, connector) => {
  describe.each(WAYS)('%s', (way) => {
    test.each(WHEN.flatMap(([when, act]) => HOW.map((how) => [how, when, act] as const)))(
      'a check of the certificate may %s %s',
      async (how, when, act) => {
        const far = await tlsServer((socket) => socket.on('error', () => undefined));
        const reason = new Error('enough');
        const controller = new AbortController();
        const end = (): void => {
          if (how === 'close') connection.close();
          else controller.abort(reason);
        };
        let checks = 0;
        const context = trusting({
          checkServerIdentity: () => {
            checks++;
            act(end);
            return undefined;
          },
        });
        const through =
          way === 'directly' ? undefined : await proxy(way.endsWith('TLS') ? {} : undefined, far.port);
        const connection = open((through ?? far).port, {
          connector,
          context,
          ...(way.endsWith('TLS') ? { proxyContext: trusting() } : {}),
        });
        if (through !== undefined) connection.setTunnel('localhost', far.port);
        const opening = connection.connect({ signal: controller.signal });
        const error = await opening.then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(checks).toBe(1);
        const expected: unknown = how === 'close' ? expect.any(HTTPException) : reason;
        // Unless it ends at once, the connection may be open by then.
        if (when === 'at once' || error !== undefined) expect(error).toEqual(expected);
        connection.close();
        await until(() => far.open.size === 0 && (through?.open.size ?? 0) === 0);
      },
    );
  });
});

test('a signal ends the handshake of a connector', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const { port } = await tcpServer((socket) =>
    socket.once('data', () => {
      controller.abort(reason);
    }),
  );
  const connecting = connectTLS()({ host: 'localhost', port, signal: controller.signal });
  await expect(connecting).rejects.toBe(reason);
});
