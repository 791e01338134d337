import { endless, firstly, hanging, hangingConnector, upload, type Scene } from './faults-scene.js';
import { head } from './stage.js';

const NONE = '-';

/** A wait that takes too long, or is cancelled. */
export interface Wait {
  readonly what: string;
  /** What the waiting call rejects with. `-` if that does not apply. */
  readonly timeout: string;
  readonly signal: string;
  /** Of the response, if one is being read; otherwise of the connection. */
  readonly close: string;
  readonly delivery: string;
  /** Which call is waiting. */
  readonly call: 'request' | 'getResponse' | 'read';
  /** `serve` settles when the client is waiting. */
  readonly scene: Scene;
}

const timedOut = (phase: string): string => `\`TimeoutError\` \`ETIMEDOUT\` (phase \`${phase}\`)`;
const GIVEN_UP = { signal: 'its reason', close: '`HTTPException` `HTTP_EXCEPTION`' };

export const WAITS: readonly Wait[] = [
  {
    what: 'for the connection',
    ...GIVEN_UP,
    timeout: timedOut('connect'),
    delivery: '`unsent`',
    call: 'request',
    scene: { options: firstly(hangingConnector) },
  },
  {
    what: 'for room to send, since the server does not read',
    ...GIVEN_UP,
    timeout: timedOut('send'),
    delivery: '`partial`',
    call: 'request',
    scene: {
      request: upload(endless),
      serve: async (peer) => {
        await peer.receive();
        peer.stall();
      },
    },
  },
  {
    what: 'for a 100 (Continue)',
    ...GIVEN_UP,
    timeout: timedOut('continue'),
    delivery: '`partial`',
    call: 'request',
    scene: {
      options: () => ({ continueTimeout: 60_000 }),
      request: () => ({ body: 'some', headers: { Expect: '100-continue' } }),
      serve: async (peer) => {
        await peer.receive();
      },
    },
  },
  {
    what: 'for the next block of the body, which its source delays',
    ...GIVEN_UP,
    timeout: NONE,
    delivery: '`partial`',
    call: 'request',
    scene: {
      request: upload(hanging),
      serve: async (peer) => {
        await peer.receive('some');
      },
    },
  },
  {
    what: 'for the response',
    ...GIVEN_UP,
    timeout: timedOut('headers'),
    delivery: '`sent`',
    call: 'getResponse',
    scene: {
      serve: async (peer) => {
        await peer.receive();
      },
    },
  },
  {
    what: 'for the rest of the head',
    ...GIVEN_UP,
    timeout: timedOut('headers'),
    delivery: '`answered`',
    call: 'getResponse',
    scene: {
      // The interim response is in the same packet, and so shows that the rest has arrived.
      serve: async (peer, client) => {
        await peer.receive();
        await peer.send('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 2');
        await client.informed;
      },
    },
  },
  ...(
    [
      ['with Content-Length', `${head('Content-Length: 9')}some`],
      ['in chunks', `${head('Transfer-Encoding: chunked')}9\r\nsome`],
      ['without a length', `${head()}some`],
    ] as const
  ).map(([which, sends]): Wait => ({
    what: `for the rest of a body ${which}`,
    ...GIVEN_UP,
    timeout: timedOut('body'),
    signal: NONE,
    delivery: '`answered`',
    call: 'read',
    scene: {
      serve: async (peer, client) => {
        await peer.receive();
        await peer.send(sends);
        await client.answered;
      },
    },
  })),
];
