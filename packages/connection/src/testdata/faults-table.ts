import { connectTCP, type HTTPConnection } from '../index.js';
import { systemError } from '../testing/system-error.js';
import { good, type Peer } from './faults-server.js';
import {
  endless,
  firstly,
  hangingConnector,
  SOURCE_ERROR,
  texts,
  TIMEOUT,
  upload,
  type Client,
  type Scene,
} from './faults-scene.js';
import { answer, head } from './stage.js';

/** The results of the calls, in the words of docs/faults.md. `-` if there was nothing to call. */
export interface Observation {
  readonly request: string;
  readonly getResponse: string;
  readonly reading: string;
  readonly delivery: string;
  /** `closed`: the next request opens another connection. `open`: the next request uses this one. */
  readonly afterwards: 'closed' | 'open';
}

export interface Fault extends Observation {
  readonly what: string;
  readonly todo: string;
  readonly scene: Scene;
}

const OK = 'done';
const NONE = '-';
const NOTHING = 'nothing';
const REPEAT = 'repeat it';
const PERHAPS = 'repeat it where the method is idempotent';
const REREAD = 'ask again, for the rest with `Range` where the server knows it';
const MEND = 'correct the body';

const CONNECTING = (
  [
    { what: 'Nobody listens at the port', request: 'system error `ECONNREFUSED`', scene: { absent: true } },
    {
      what: 'The name is not known',
      request: 'system error `ENOTFOUND`',
      scene: { options: firstly((target) => connectTCP({ ...target, host: 'nowhere.invalid' })) },
    },
    {
      what: 'A connector of your own rejects',
      request: 'system error `EHOSTUNREACH`',
      scene: { options: firstly(() => Promise.reject(systemError('connect', 'EHOSTUNREACH'))) },
    },
    {
      what: 'The look-up, or the connector, takes longer than `timeout`',
      request: '`TimeoutError` `ETIMEDOUT` (phase `connect`)',
      scene: { options: () => ({ ...firstly(hangingConnector)(), timeout: TIMEOUT }) },
    },
  ] satisfies Pick<Fault, 'what' | 'request' | 'scene'>[]
).map((fault): Fault => ({
  getResponse: NONE,
  reading: NONE,
  delivery: '`unsent`',
  afterwards: 'closed',
  todo: REPEAT,
  ...fault,
}));

const RESET = 'system error `ECONNRESET`';
const BROKEN = `${RESET} or system error \`EPIPE\``;
const GONE = '`RemoteDisconnected` `ECONNRESET`';
const CUT = '`IncompleteRead` `HTTP_INCOMPLETE_READ`';

/** How far the server gets, and the results of a FIN and a RST there. */
interface Stage {
  readonly where: string;
  readonly sends: string;
  readonly delivery: string;
  readonly todo: string;
  readonly fin: readonly [getResponse: string, reading: string];
  readonly rst: readonly [getResponse: string, reading: string];
}

const STAGES: Stage[] = [
  {
    where: 'before a byte of the response',
    sends: '',
    delivery: '`sent`',
    todo: PERHAPS,
    fin: [GONE, NONE],
    rst: [RESET, NONE],
  },
  {
    where: 'after an interim response',
    sends: 'HTTP/1.1 103 Early Hints\r\n\r\n',
    delivery: '`answered`',
    todo: PERHAPS,
    fin: [GONE, NONE],
    rst: [RESET, NONE],
  },
  {
    where: 'inside the status line',
    sends: 'HTTP/1.1 2',
    delivery: '`answered`',
    todo: PERHAPS,
    fin: [CUT, NONE],
    rst: [RESET, NONE],
  },
  {
    where: 'inside the header fields',
    sends: head('Content-Length: 9').slice(0, -6),
    delivery: '`answered`',
    todo: PERHAPS,
    fin: [CUT, NONE],
    rst: [RESET, NONE],
  },
  {
    where: 'inside a body with Content-Length',
    sends: `${head('Content-Length: 9')}some`,
    delivery: '`answered`',
    todo: REREAD,
    fin: [OK, CUT],
    rst: [OK, CUT],
  },
  {
    where: 'inside a chunk',
    sends: `${head('Transfer-Encoding: chunked')}9\r\nsome`,
    delivery: '`answered`',
    todo: REREAD,
    fin: [OK, CUT],
    rst: [OK, CUT],
  },
  {
    where: 'between two chunks',
    sends: `${head('Transfer-Encoding: chunked')}4\r\nsome\r\n`,
    delivery: '`answered`',
    todo: REREAD,
    fin: [OK, CUT],
    rst: [OK, CUT],
  },
  {
    where: 'inside the trailers',
    sends: `${head('Transfer-Encoding: chunked')}4\r\nsome\r\n0\r\nDigest: `,
    delivery: '`answered`',
    todo: REREAD,
    fin: [OK, CUT],
    rst: [OK, CUT],
  },
  {
    where: 'inside a body without a length',
    sends: `${head()}some`,
    delivery: '`answered`',
    todo: REREAD,
    fin: [OK, OK],
    rst: [OK, CUT],
  },
  {
    where: 'after a response',
    sends: answer('some'),
    delivery: NONE,
    todo: NOTHING,
    fin: [OK, OK],
    rst: [OK, OK],
  },
];

const BREAKING: Fault[] = STAGES.flatMap((stage) =>
  (['fin', 'rst'] as const).map((ending): Fault => {
    const [getResponse, reading] = stage[ending];
    const clean = reading === OK;
    return {
      what: `The server ${ending === 'fin' ? 'closes' : 'resets'} ${stage.where}`,
      request: OK,
      getResponse,
      reading,
      delivery: clean ? NONE : stage.delivery,
      afterwards: 'closed',
      todo: clean ? NOTHING : stage.todo,
      scene: {
        after: noticed,
        serve: async (peer, client) => {
          await peer.receive();
          if (stage.sends !== '') await peer.send(stage.sends);
          if (getResponse === OK) await client.answered;
          else await client.requested;
          if (ending === 'fin') peer.finish();
          else peer.reset();
        },
      },
    };
  }),
);

/** Waits until the client has noticed. */
async function noticed(connection: HTTPConnection): Promise<void> {
  while (connection.reusable) await new Promise(setImmediate);
}

const KEPT: Fault[] = [
  {
    what: 'The server closes while the connection is idle',
    idle: async (peer: Peer, client: Client) => {
      peer.finish();
      await noticed(client.connection);
    },
  },
  {
    what: 'The server resets while the connection is idle',
    idle: async (peer: Peer, client: Client) => {
      peer.reset();
      await noticed(client.connection);
    },
  },
  {
    what: 'The server sends unsolicited bytes while the connection is idle',
    idle: async (peer: Peer, client: Client) => {
      await peer.send(answer('not asked for'));
      await noticed(client.connection);
    },
  },
]
  .map(({ what, idle }): Fault => ({
    what,
    request: OK,
    getResponse: OK,
    reading: OK,
    delivery: NONE,
    afterwards: 'open',
    todo: 'nothing: the request is sent on another connection',
    scene: { idle },
  }))
  .concat([
    {
      what: 'The server closes an idle connection just as the request is sent on it',
      request: OK,
      // A server that has closed its socket replies to the request with a reset, which may be seen before the FIN.
      getResponse: `${GONE} or ${RESET}`,
      reading: NONE,
      delivery: '`sent`',
      afterwards: 'closed',
      todo: PERHAPS,
      // The FIN is in the client's kernel, but the client has had no turn to see it.
      scene: {
        idle: (peer) => {
          peer.close();
        },
      },
    },
    {
      what: 'The server resets an idle connection just as the request is sent on it',
      request: RESET,
      getResponse: GONE,
      reading: NONE,
      delivery: '`unsent`',
      afterwards: 'closed',
      todo: REPEAT,
      scene: {
        idle: (peer) => {
          peer.reset();
        },
      },
    },
  ]);

const refusing = answer('some', 'Connection: close').replace('200 OK', '413 Content Too Large');

const SENDING = (
  [
    {
      what: 'The server resets while a body is sent',
      request: BROKEN,
      getResponse: `${RESET} or ${GONE}`,
      delivery: '`partial`',
      todo: PERHAPS,
      scene: {
        request: upload(endless),
        serve: async (peer) => {
          await peer.receive();
          peer.reset();
        },
      },
    },
    {
      what: 'The server responds early, and closes without reading the body',
      request: BROKEN,
      getResponse: OK,
      reading: OK,
      delivery: '`partial` or `answered`',
      todo: 'read the response: it says why',
      scene: {
        request: upload(endless),
        serve: async (peer) => {
          await peer.receive();
          peer.stall();
          await peer.send(refusing);
          peer.close();
        },
      },
    },
    {
      what: 'The server responds early that it will close, and the response is read to its end',
      request: '`HTTPException` `HTTP_EXCEPTION`',
      getResponse: OK,
      reading: OK,
      delivery: '`answered`',
      todo: 'read the response: it says why',
      scene: {
        request: upload(endless),
        together: true,
        serve: async (peer) => {
          await peer.receive();
          peer.stall();
          await peer.send(refusing);
        },
      },
    },
    {
      what: 'The server responds early, and reads the body all the same',
      request: OK,
      getResponse: OK,
      reading: OK,
      delivery: NONE,
      afterwards: 'open',
      todo: NOTHING,
      scene: {
        request: upload(() => texts('some', 'more')),
        together: true,
        serve: async (peer) => {
          await peer.receive();
          await peer.send(answer('some'));
          await peer.receive('\r\n0\r\n\r\n');
          while (await peer.receive()) await peer.send(answer('good'));
        },
      },
    },
    {
      what: 'The server refuses a request with `Expect: 100-continue` at once',
      request: OK,
      getResponse: OK,
      reading: OK,
      delivery: NONE,
      todo: 'read the response: it says why. The body was not sent',
      scene: {
        request: () => ({ body: 'some', headers: { Expect: '100-continue' } }),
        serve: async (peer) => {
          await peer.receive();
          await peer.send(answer('some'));
        },
      },
    },
    {
      what: 'The source of the body throws, or rejects',
      request: 'what it threw',
      delivery: '`partial`',
      scene: { request: upload(() => texts('some', SOURCE_ERROR)) },
    },
    {
      what: 'The source of the body yields a block that is neither text nor bytes',
      request: '`TypeError`',
      delivery: '`partial`',
      scene: { request: upload(() => texts('some', 7)) },
    },
    {
      what: 'The body in blocks is shorter than its Content-Length',
      request: '`RangeError`',
      delivery: '`partial`',
      scene: { request: upload(() => texts('some'), 9) },
    },
    {
      what: 'The body in blocks is longer than its Content-Length',
      request: '`RangeError`',
      delivery: '`partial`',
      scene: { request: upload(() => texts('some', 'more'), 6) },
    },
    {
      what: 'The body in memory does not have the length of its Content-Length',
      request: '`RangeError`',
      delivery: NONE,
      afterwards: 'open',
      scene: { idle: (peer) => void good(peer), request: upload(() => 'some', 9) },
    },
  ] satisfies (Partial<Fault> & Pick<Fault, 'what' | 'request' | 'delivery' | 'scene'>)[]
).map((fault): Fault => ({
  getResponse: NONE,
  reading: NONE,
  afterwards: 'closed',
  todo: MEND,
  ...fault,
  scene: { method: 'POST', ...fault.scene },
}));

/** The rows of docs/faults.md, by the heading above them. */
export const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
  Connecting: CONNECTING,
  'On a connection that was kept': KEPT,
  Sending: SENDING,
  'While the response arrives': BREAKING,
};
