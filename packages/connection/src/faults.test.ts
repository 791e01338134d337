import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';

import { HTTPException, IncompleteRead, ResponseNotReady, TimeoutError } from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { HTTPConnection, type HTTPConnectionOptions } from './index.js';
import { SOURCE_ERROR, TIMEOUT, type Client, type Scene } from './testdata/faults-scene.js';
import { FaultyServer, good, type Peer } from './testdata/faults-server.js';
import { FAULTS } from './testdata/faults-table.js';
import { WAITS } from './testdata/faults-waits.js';
import { answer } from './testdata/stage.js';

/** The outcome of a call, in the words of the tables. */
interface Result<T> {
  readonly shown: string;
  readonly value?: T;
  readonly error?: unknown;
}

const REASON = new Error('given up');

function shown(error: unknown): string {
  if (error === SOURCE_ERROR) return 'what it threw';
  if (error === REASON) return 'its reason';
  // There was nothing left to wait for.
  if (error instanceof ResponseNotReady) return '-';
  if (!(error instanceof Error)) return 'no error';
  const { name, code } = error as Error & { code?: string };
  if (error instanceof TimeoutError) return `\`${name}\` \`${String(code)}\` (phase \`${error.phase}\`)`;
  if (error instanceof HTTPException) return `\`${name}\` \`${String(code)}\``;
  return 'syscall' in error ? `system error \`${String(code)}\`` : `\`${name}\``;
}

function settled<T>(promise: Promise<T>): Promise<Result<T>> {
  return promise.then(
    (value) => ({ shown: 'done', value }),
    (error: unknown) => ({ shown: shown(error), error }),
  );
}

async function fetch(connection: HTTPConnection): Promise<string> {
  await connection.request('GET', '/');
  const response = await connection.getResponse();
  return response.text();
}

/**
 * Sets up a server and a connection to it, as the scene describes. `ready` settles when the server has done its part.
 */
async function setUp(
  scene: Scene,
  more: HTTPConnectionOptions = {},
): Promise<{
  server: FaultyServer;
  connection: HTTPConnection;
  begin: (client: Omit<Client, 'connection' | 'informed'>) => void;
  ready: Promise<void>;
}> {
  let begin!: (client: Client) => void;
  let isReady!: () => void;
  let peer!: Peer;
  const begun = new Promise<Client>((resolve) => (begin = resolve));
  const ready = new Promise<void>((resolve) => (isReady = resolve));
  const serve = async (accepted: Peer): Promise<void> => {
    peer = accepted;
    if (scene.idle !== undefined) {
      await peer.receive();
      await peer.send(answer('first'));
    } else if (scene.serve === undefined) {
      await good(peer);
    } else {
      await scene.serve(peer, await begun);
      isReady();
    }
  };
  const server = scene.absent ? await FaultyServer.absent() : await FaultyServer.start(serve);
  onTestFinished(() => server.stop());
  let inform!: () => void;
  const informed = new Promise<void>((resolve) => (inform = resolve));
  const options = { onInformational: inform, ...scene.options?.(), ...more };
  const connection = new HTTPConnection('127.0.0.1', server.port, options);
  onTestFinished(() => {
    connection.close();
  });
  if (scene.idle !== undefined) {
    // No time passes until the request, however busy the machine is: later on, the client looks first.
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    expect(await fetch(connection)).toBe('first');
    const never = new Promise(() => undefined);
    await scene.idle(peer, { connection, informed, requested: never, answered: never });
  }
  return {
    server,
    connection,
    begin: (client) => {
      begin({ connection, informed, ...client });
    },
    ready,
  };
}

/** Checks that the next request succeeds, and goes to the connection that it should. */
async function goesOn(
  connection: HTTPConnection,
  server: FaultyServer,
  where: 'open' | 'closed',
): Promise<void> {
  const { connections } = server;
  const { transport } = connection;
  if (where === 'closed') expect(connection).toMatchObject({ reusable: false });
  if (connection.state !== 'Idle') throw new Error(`The connection is left in ${connection.state}`);
  connection.timeout = undefined;
  expect(await fetch(connection)).toBe('good');
  expect(server.connections).toBe(connections + (where === 'closed' ? 1 : 0));
  if (where === 'open') expect(connection.transport).toBe(transport);
}

const documented = rows(readFileSync(new URL('../../../docs/faults.md', import.meta.url), 'utf8'));

/** The rows of the tables in a document. */
function rows(markdown: string): string[][] {
  return [...markdown.matchAll(/^\| (.*) \|$/gm)]
    .map(([, row = '']) => row.split('|').map((cell) => cell.trim()))
    .filter(([first]) => first !== undefined && !/^-*$/.test(first));
}

const FAULT_COLUMNS = [
  'what happens',
  '`request()`',
  '`getResponse()`',
  'reading',
  '`delivery`',
  'the connection is',
  'what to do',
];
const WAIT_COLUMNS = ['it waits', '`timeout`', 'a signal', '`close()`', '`delivery`'];

test('docs/faults.md has these rows and no others', () => {
  const faults = Object.values(FAULTS).map((table) => [
    FAULT_COLUMNS,
    ...table.map(({ what, request, getResponse, reading, delivery, afterwards, todo }) => [
      what,
      request,
      getResponse,
      reading,
      delivery,
      afterwards,
      todo,
    ]),
  ]);
  const waits = [
    WAIT_COLUMNS,
    ...WAITS.map(({ what, timeout, signal, close, delivery }) => [what, timeout, signal, close, delivery]),
  ];
  expect(documented).toEqual([...faults.flat(), ...waits]);
});

/** Whether an unknown name is reported as such at once: without a network, the answer may be another one, or none. */
const namesAnswer = await Promise.race([
  lookup('nowhere.invalid').catch((error: unknown) => (error as { code?: string }).code === 'ENOTFOUND'),
  new Promise((resolve) => setTimeout(resolve, 1000, false).unref()),
]);

describe.each(Object.entries(FAULTS))('%s', (_heading, faults) => {
  test.for(faults)('$what', async ({ scene, ...expected }, { skip }) => {
    skip(
      expected.what === 'The name is not known' && namesAnswer !== true,
      'names are not answered at once here',
    );
    const { server, connection, begin } = await setUp(scene);
    const requesting = settled(connection.request(scene.method ?? 'GET', '/', scene.request?.()));
    const getting = scene.together
      ? settled(connection.getResponse())
      : requesting.then(() => settled(connection.getResponse()));
    begin({ requested: requesting, answered: getting });
    const got = await getting;
    const read: Result<Uint8Array> =
      got.value === undefined ? { shown: '-' } : await settled(got.value.read());
    const requested = await requesting;

    expect(expected.request.split(' or ')).toContain(requested.shown);
    expect(expected.getResponse.split(' or ')).toContain(got.shown);
    expect(read.shown).toBe(expected.reading);
    for (const { error } of [requested, got, read]) {
      if (error === undefined || error instanceof ResponseNotReady) continue;
      const { delivery } = error as { delivery?: string };
      expect(expected.delivery.split(' or ')).toContain(delivery === undefined ? '-' : `\`${delivery}\``);
    }
    if (read.error instanceof IncompleteRead) expect(decodeLatin1(read.error.partial)).toBe('some');
    if (scene.absent) await server.listen();
    await scene.after?.(connection);
    await goesOn(connection, server, expected.afterwards);
  });
});

/** Advances time only in the wait itself, and not in what comes before it, however busy the machine is. */
async function passTime(waiting: Promise<unknown>): Promise<void> {
  const over = waiting.then(() => true);
  for (let turns = 0; turns < 10_000; turns++) {
    vi.advanceTimersByTime(TIMEOUT);
    if (await Promise.race([over, new Promise(setImmediate)])) return;
  }
}

describe('A wait', () => {
  const cases = WAITS.flatMap((wait) =>
    (['timeout', 'signal', 'close'] as const).filter((by) => wait[by] !== '-').map((by) => ({ ...wait, by })),
  );
  test.each(cases)('$what, ended by $by', async ({ scene, call, by, delivery, ...expected }) => {
    if (by === 'timeout') vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const limit = by === 'timeout' ? { timeout: TIMEOUT } : {};
    const { server, connection, begin, ready } = await setUp(scene, limit);
    const controller = new AbortController();
    const { signal } = controller;
    const options = scene.request?.() ?? {};
    const method = options.body === undefined ? 'GET' : 'POST';
    const requesting = settled(
      connection.request(method, '/', call === 'request' ? { ...options, signal } : options),
    );
    const getting = requesting.then(() =>
      settled(connection.getResponse(call === 'getResponse' ? { signal } : {})),
    );
    begin({ requested: requesting, answered: getting });
    if (scene.serve !== undefined) await ready;
    const response = call === 'read' ? (await getting).value : undefined;
    const waiting =
      response === undefined
        ? { request: requesting, getResponse: getting, read: getting }[call]
        : settled(response.read());
    if (by === 'timeout') await passTime(waiting);
    if (by === 'signal') controller.abort(REASON);
    if (by === 'close') (response ?? connection).close();

    const { shown: seen, error } = await waiting;
    expect(seen).toBe(expected[by]);
    if (by !== 'signal') expect(error).toMatchObject({ delivery: delivery.slice(1, -1) });
    await getting;
    await goesOn(connection, server, 'closed');
  });
});
