import { env, execPath } from 'node:process';

import { HTTPException, isHTTPException } from '@http-client/errors';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';

import { HTTPConnection, type RequestBody } from './index.js';
import { afterWrite, END, reset, type ScriptStep } from './testing.js';
import { moment, turns } from './testdata/expect-stage.js';
import { beside, ServerProcess } from './testdata/servers-process.js';
import { afterHead, listening } from './testdata/sockets.js';
import { answer, rejection, settled, stage } from './testdata/stage.js';

// RFC 9112, section 9.6: a server may respond and close while a body is still being sent. Whether the response can then
// be read is a race between the data it sent and the reset that follows, so this runs many times, against another
// process.

/** Use EARLY_ANSWER_RUNS=1000 after changing how data is written or read. */
const RUNS = Number(env.EARLY_ANSWER_RUNS ?? 100);
vi.setConfig({ testTimeout: 600_000 + RUNS * 1000 });

const SIZE = 20_000_000;
const BLOCK = new Uint8Array(1_000_000).fill(0x61);
const WHOLE = new Uint8Array(SIZE).fill(0x61);

function* blocks(): Generator<Uint8Array, void> {
  for (let sent = 0; sent < SIZE; sent += BLOCK.length) yield BLOCK;
}

async function* laterBlocks(): AsyncGenerator<Uint8Array, void> {
  for (const block of blocks()) {
    await Promise.resolve();
    yield block;
  }
}

const BODIES: [name: string, make: () => RequestBody][] = [
  ['bytes', () => WHOLE],
  ['a generator', blocks],
  ['an async generator', laterBlocks],
];

let server: ServerProcess;
let port: number;
beforeAll(async () => {
  server = new ServerProcess(execPath, beside('early-answer-server.js'));
  port = Number(await server.line());
});
afterAll(() => server.close());

function open(): HTTPConnection {
  const connection = new HTTPConnection('127.0.0.1', port);
  onTestFinished(() => {
    connection.close();
  });
  return connection;
}

/** The error of an upload, from the system or this project, and how far it got. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return `no error: ${String(error)}`;
  const {
    code = '',
    syscall,
    delivery,
  } = error as Error & { code?: string; syscall?: string; delivery?: string };
  const kind = isHTTPException(error)
    ? 'HTTPException'
    : syscall === undefined
      ? error.name
      : `${syscall} ${code}`;
  return `${kind}, ${String(delivery)}`;
}

const ROWS = ['end', 'destroy', 'late'].flatMap((how) => BODIES.map(([body, make]) => ({ how, body, make })));

describe(`the response of a server that does not read the body, ${RUNS} times each`, () => {
  test.each(ROWS)('$body, by $how', async ({ how, make }) => {
    const failures = new Map<string, number>();
    for (let run = 0; run < RUNS; run++) {
      const connection = new HTTPConnection('127.0.0.1', port, { timeout: 60_000 });
      const target = `/${how}/${run % 2 === 0 ? 'close' : 'keep-alive'}`;
      const sending = connection.request('PUT', target, { body: make() }).catch((error: unknown) => error);
      // Requested before or after the failure. If nothing breaks the upload, only reading the response ends it.
      if (how !== 'end' && run % 4 > 1) await sending;
      const response = await connection.getResponse();
      expect([response.status, await response.text()]).toEqual([413, 'too large']);
      const failure = nameOf(await sending);
      failures.set(failure, (failures.get(failure) ?? 0) + 1);
      connection.close();
    }
    if (env.EARLY_ANSWER_RUNS !== undefined) console.log(how, Object.fromEntries(failures));
    for (const failure of failures.keys()) {
      expect(failure).toMatch(
        /^((write EPIPE|write ECONNRESET|read ECONNRESET), (partial|answered)|HTTPException, answered)$/,
      );
    }
  });
});

describe('a response during the upload', () => {
  const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

  test('in lockstep: each block is sent once the previous one has been echoed', async () => {
    const connection = open();
    const echoed: string[] = [];
    let answer: AsyncIterator<Uint8Array> | undefined;
    async function* body(): AsyncGenerator<string, void> {
      for (let block = 0; block < 50; block++) {
        yield `block ${block}`;
        answer ??= (await connection.getResponse())[Symbol.asyncIterator]();
        echoed.push(text((await answer.next()).value as Uint8Array | undefined));
      }
    }
    await connection.request('PUT', '/echo', { body: body() });
    expect(echoed).toEqual(Array.from({ length: 50 }, (_, block) => `block ${block}`));
    expect(await answer?.next()).toEqual({ done: true, value: undefined });
    expect(connection.reusable).toBe(true);
  });

  test('both directions at full speed', async () => {
    const connection = open();
    const sending = connection.request('PUT', '/echo', { body: laterBlocks() });
    const response = await connection.getResponse();
    let received = 0;
    for await (const block of response) received += block.length;
    await sending;
    expect(received).toBe(SIZE);
    expect(connection.reusable).toBe(true);
  });

  test.each([true, false])(
    'read completely before the upload ends (kept waiting: %s), and the connection is reused',
    async (gated) => {
      const connection = open();
      const read = moment();
      async function* body(): AsyncGenerator<Uint8Array, void> {
        yield BLOCK;
        if (gated) await read.come;
        yield BLOCK;
      }
      const settled: string[] = [];
      const sending = connection.request('PUT', '/first', { body: body() }).then(() => settled.push('sent'));
      const response = await connection.getResponse();
      expect(await response.text()).toBe('first');
      settled.push('read');
      await turns();
      if (gated) expect(settled).toEqual(['read']);
      read.now();
      await sending;
      expect(connection.reusable).toBe(true);
      await connection.request('GET', '/first');
      const next = await connection.getResponse();
      expect(await next.text()).toBe('first');
      expect(next.getHeader('X-Connection')).toBe(response.getHeader('X-Connection'));
    },
  );

  test('the next request uses another connection if the upload is still in progress, and cancels the upload', async () => {
    const connection = open();
    const asked = moment();
    let closed = false;
    async function* body(): AsyncGenerator<Uint8Array, void> {
      try {
        yield BLOCK;
        asked.now();
        await new Promise(() => undefined);
      } finally {
        closed = true;
      }
    }
    const source = body();
    const giveUp = vi.spyOn(source, 'return');
    const sending = connection.request('PUT', '/first', { body: source }).catch((error: unknown) => error);
    const response = await connection.getResponse();
    expect(await response.text()).toBe('first');
    await asked.come;
    await connection.request('GET', '/first');
    const failure = await sending;
    expect(failure).toBeInstanceOf(HTTPException);
    expect(failure).toHaveProperty('delivery', 'answered');
    expect(giveUp).toHaveBeenCalledOnce();
    expect(closed).toBe(false);
    const next = await connection.getResponse();
    expect(await next.text()).toBe('first');
    expect(next.getHeader('X-Connection')).not.toBe(response.getHeader('X-Connection'));
  });
});

describe('a response to an upload', () => {
  test('is returned during the upload, and the upload continues to its end', async () => {
    let more!: () => void;
    const asked = new Promise<void>((resolve) => (more = resolve));
    async function* someBlocks(): AsyncGenerator<string, void, void> {
      yield 'some';
      await asked;
      yield 'rest';
    }
    const script = [afterWrite((sent) => sent.includes('some')), answer('early')];
    const { connection, transports } = stage([script]);
    const sent = settled(connection.request('POST', '/', { body: someBlocks() }));
    const response = await connection.getResponse();
    more();
    expect(await sent).toEqual({ value: undefined });
    expect(transports[0]!.writtenText).toMatch(/rest\r\n0\r\n\r\n$/);
    expect(await response.text()).toBe('early');
    expect(connection.reusable).toBe(true);
  });

  test.each<[string, ScriptStep]>([
    ['the end', END],
    ['a reset', reset()],
  ])('before %s is returned after a failed request', async (_name, end) => {
    const script = [afterWrite(100), answer('no', 'Connection: close'), end];
    const { connection } = stage([script], { play: { failWritesAfter: 300 } });
    const body = new Array<string>(50).fill('0123456789');
    expect(await rejection(connection.request('POST', '/', { body }))).toMatchObject({ delivery: 'partial' });
    const response = await connection.getResponse();
    expect(await response.text()).toBe('no');
  });

  test('over TCP, from a server that does not read the body', async () => {
    const peer = await listening((socket) => {
      afterHead(socket, () => {
        socket.pause();
        socket.end(answer('too large', 'Connection: close').replace('200 OK', '413 Too Large'), () => {
          socket.destroy();
        });
      });
    });
    const connection = peer.connection();
    async function* endless(): AsyncGenerator<Uint8Array, void, void> {
      for (;;) {
        await Promise.resolve();
        yield new Uint8Array(65_536);
      }
    }
    const sent = rejection(connection.request('PUT', '/', { body: endless() }));
    const response = await connection.getResponse();
    expect(response.status).toBe(413);
    expect(await response.text()).toBe('too large');
    expect(await sent).toMatchObject({ delivery: 'answered' });
  });
});
