import { getEventListeners } from 'node:events';

import { BadStatusLine, HTTPException } from '@http-client/errors';
import type { Connector } from '@http-client/io';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { HTTPConnection } from './index.js';
import {
  afterRequest,
  afterWrite,
  scriptedTransport,
  type ScriptedTransport,
  type ScriptStep,
} from './testing.js';
import { OPERATIONS, type Operation } from './testdata/faults-aborts.js';
import { hanging } from './testdata/faults-scene.js';
import { more, resources } from './testdata/faults-handles.js';
import { FaultyServer, type Peer } from './testdata/faults-server.js';
import { answer, outcome, quiet, stage } from './testdata/stage.js';

/** How far the client gets before the end: turns of the event loop, then microtasks. */
interface Point {
  readonly turns: number;
  readonly microtasks: number;
}

async function reach({ turns, microtasks }: Point): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
  for (let microtask = 0; microtask < microtasks; microtask++) await Promise.resolve();
}

/** The response to the request with this number in the test. */
const reply = (number: number): ScriptStep[] => [
  'HTTP/1.1 103 Early Hints\r\n\r\n',
  answer(`the ${number}.`),
];

const ONE = [afterRequest(), ...reply(1)];
const ONE_EXPECTED = [
  afterWrite((sent) => sent.endsWith('\r\n\r\n')),
  'HTTP/1.1 100 Continue\r\n\r\n',
  afterWrite(8),
  ...reply(1),
];
const TWO = [afterRequest(), ...reply(2)];

/** A connection whose peers take time to open. The first peer serves both requests, any later one only the second. */
function connect({ expects }: Pick<Operation, 'expects'> = {}): {
  connection: HTTPConnection;
  transports: ScriptedTransport[];
} {
  const transports: ScriptedTransport[] = [];
  const connector: Connector = async () => {
    await reach({ turns: 2, microtasks: 3 });
    const first = [...(expects ? ONE_EXPECTED : ONE), ...TWO];
    const transport = scriptedTransport(transports.length === 0 ? first : TWO, { split: 16 });
    transports.push(transport);
    return transport;
  };
  return {
    connection: new HTTPConnection('example.org', 80, { connector, continueTimeout: 60_000 }),
    transports,
  };
}

async function fetch(connection: HTTPConnection): Promise<string> {
  await connection.request('GET', '/next');
  const response = await connection.getResponse();
  return response.text();
}

/** Runs the operation up to a point, and ends it there. Returns whether it had already settled. */
async function endAt(point: Point, operation: Operation, by: 'signal' | 'close'): Promise<boolean> {
  const { prepare, run, asks } = operation;
  const { connection, transports } = connect(operation);
  await prepare?.(connection);
  const controller = new AbortController();
  const { signal } = controller;
  const reason = { point };
  const progress = { settled: false };
  const running = run(connection, signal).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const watched = running.finally(() => (progress.settled = true));
  await reach(point);
  const before = progress.settled;
  if (by === 'signal') controller.abort(reason);
  else connection.close();
  const result = await watched;
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  // When a turn begins, no microtask is left that could bring a result: what has not settled by then is ended.
  if (point.turns > 0 && point.microtasks === 0 && !before) expect(result).toHaveProperty('error');
  if ('error' in result) {
    if (by === 'signal') expect(result.error).toBe(reason);
    else expect(result.error).toBeInstanceOf(HTTPException);
    expect(connection).toMatchObject({ state: 'Idle', reusable: false, transport: undefined });
    await quiet();
    expect(transports.map(({ closed }) => closed)).toEqual(transports.map(() => true));
  } else if (by === 'close') {
    expect(connection).toMatchObject({ state: 'Idle', reusable: false, transport: undefined });
  } else if (asks) {
    const response = await connection.getResponse();
    expect(await response.text()).toBe('the 1.');
  } else if (result.value !== undefined) {
    expect(result.value).toBe('the 1.');
  } else {
    expect(await fetch(connection)).toBe('the 1.');
  }
  // An abandoned attempt counts as the first transport even though it opened too late.
  expect(await fetch(connection)).toBe('the 2.');
  connection.close();
  return before;
}

describe.each(OPERATIONS)('$name', (operation) => {
  test.each([
    { by: 'signal', gives: 'its reason' },
    { by: 'close', gives: 'an HTTPException' },
  ] as const)(
    'ended by $by at every point: $gives, and the next response belongs to the next request',
    async ({ by }) => {
      let completed = 0;
      // Until the operation has been over for some turns when the end comes.
      for (let turns = 0; completed < 3; turns++) {
        if (turns > 60) throw new Error('It does not come to an end');
        let over = true;
        for (let microtasks = 0; microtasks < 8; microtasks++) {
          over = (await endAt({ turns, microtasks }, operation, by)) && over;
        }
        if (over) completed++;
      }
    },
  );

  test('with a signal that is already aborted: its reason, and nothing is sent', async () => {
    const { connection, transports } = connect();
    await operation.prepare?.(connection);
    const sent = transports.map(({ writes }) => writes.length);
    const reason = new Error('too late');
    const signal = AbortSignal.abort(reason);
    await expect(operation.run(connection, signal)).rejects.toBe(reason);
    await quiet();
    expect(transports.map(({ writes }) => writes.length)).toEqual(sent);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    connection.close();
  });
});

describe('on a kept-alive connection', () => {
  const rows = OPERATIONS.filter(({ prepare, asks, expects }) => prepare === undefined && asks && !expects);
  test.each(rows)('$name, aborted at every point of its first turn', async ({ run }) => {
    for (let microtasks = 0; microtasks < 12; microtasks++) {
      const { connection } = connect();
      expect(await fetch(connection)).toBe('the 1.');
      const controller = new AbortController();
      const running = outcome(run(connection, controller.signal));
      await reach({ turns: 0, microtasks });
      controller.abort('enough');
      const { error, pending } = await running;
      expect(pending).toBeUndefined();
      if (error !== undefined) expect(error).toBe('enough');
      else connection.close();
      expect(await fetch(connection)).toBe('the 2.');
      connection.close();
    }
  });
});

describe('a signal that was aborted before the call', () => {
  const begin = (connection: HTTPConnection): void => {
    connection.putRequest('POST', '/');
    connection.putHeader('Content-Length', 4);
  };
  test.each<{
    call: string;
    prepare?: (connection: HTTPConnection) => unknown;
    run: (connection: HTTPConnection, signal?: AbortSignal) => Promise<unknown>;
    leaves: string;
    connected: boolean;
  }>([
    {
      call: 'connect',
      run: (connection, signal) => connection.connect({ signal }),
      leaves: 'Idle',
      connected: true,
    },
    {
      call: 'request',
      run: (connection, signal) => connection.request('GET', '/', { signal }),
      leaves: 'Idle',
      connected: true,
    },
    {
      call: 'endHeaders',
      prepare: begin,
      run: (connection, signal) => connection.endHeaders('some', { signal }),
      leaves: 'Request-started',
      connected: true,
    },
    {
      call: 'send',
      prepare: (connection) => {
        begin(connection);
        return connection.endHeaders();
      },
      run: (connection, signal) => connection.send('some', { signal }),
      leaves: 'Request-sent',
      connected: true,
    },
    {
      call: 'getResponse',
      prepare: (connection) => connection.request('GET', '/'),
      run: (connection, signal) => connection.getResponse({ signal }),
      leaves: 'Idle',
      connected: false,
    },
  ])(
    'leaves $leaves after $call, connected: $connected',
    async ({ prepare, run, call, leaves, connected }) => {
      const { connection } = connect();
      expect(await fetch(connection)).toBe('the 1.');
      const { transport } = connection;
      await prepare?.(connection);
      await expect(run(connection, AbortSignal.abort('too late'))).rejects.toBe('too late');
      await quiet();
      expect(connection.state).toBe(leaves);
      expect(connection.transport).toBe(connected ? transport : undefined);
      if (connected) {
        // Nothing was begun, so the same call works without the signal.
        await run(connection);
        if (call === 'connect') await connection.request('GET', '/');
        const response = await connection.getResponse();
        expect(await response.text()).toBe('the 2.');
      } else {
        expect(await fetch(connection)).toBe('the 2.');
      }
      connection.close();
    },
  );
});

test('an operation that fails for another reason leaves no listener on its signal', async () => {
  const { signal } = new AbortController();
  const { connection } = stage(['SSH-2.0\r\n']);
  await connection.request('GET', '/', { signal });
  await expect(connection.getResponse({ signal })).rejects.toThrow(BadStatusLine);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

describe('against a server', () => {
  /** Answers every request, except on its first connections, where it plays what is given. */
  async function start(
    ...plays: Parameters<typeof FaultyServer.start>
  ): Promise<{ server: FaultyServer; connection: HTTPConnection }> {
    const server = await FaultyServer.start(...plays);
    const connection = new HTTPConnection('127.0.0.1', server.port);
    onTestFinished(async () => {
      connection.close();
      await server.stop();
    });
    return { server, connection };
  }

  test('10,000 requests with one signal leave no listener on it and no handle open', async () => {
    const { server, connection } = await start();
    const { signal } = new AbortController();
    const ask = async (): Promise<void> => {
      await connection.request('GET', '/', { signal });
      const response = await connection.getResponse({ signal });
      await response.read();
    };
    await ask();
    const before = resources();
    for (let count = 0; count < 10_000; count++) await ask();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(more(before)).toEqual([]);
    expect(server.connections).toBe(1);
  });

  test('300 connections with one signal leave no listener on it and no handle', async () => {
    const { server } = await start();
    const controller = new AbortController();
    const { signal } = controller;
    const before = resources();
    for (let count = 0; count < 300; count++) {
      const connection = new HTTPConnection('127.0.0.1', server.port, { timeout: 60_000 });
      await connection.request('GET', '/', { signal });
      const response = await connection.getResponse({ signal });
      await response.read();
      connection.close();
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await vi.waitFor(() => {
      expect(more(before)).toEqual([]);
    }, 60_000);
    expect(server.connections).toBe(300);
  });

  test('a timer keeps the process alive only while an operation waits', async () => {
    const once = async (peer: Peer): Promise<void> => {
      await peer.receive();
      await peer.send(answer('the only one'));
    };
    const { server } = await start(...Array.from({ length: 20 }, () => once));
    const before = resources();
    const connections = Array.from(
      { length: 20 },
      () => new HTTPConnection('127.0.0.1', server.port, { timeout: 60_000 }),
    );
    const timers = (): string[] => more(before).filter((kind) => kind.includes('Timeout'));
    for (const connection of connections) {
      await connection.request('GET', '/');
      await (await connection.getResponse()).read();
    }
    expect(timers()).toEqual([]);
    const waiting: Promise<unknown>[] = [];
    for (const connection of connections) {
      await connection.request('GET', '/');
      waiting.push(connection.getResponse().catch(() => undefined));
    }
    expect(timers()).toHaveLength(1);
    for (const connection of connections) connection.close();
    await Promise.all(waiting);
    expect(timers()).toEqual([]);
  });

  test.each([
    ['been taken', () => Promise.resolve(), {}],
    ['been refused', () => Promise.reject(new Error('the line is down')), {}],
    ['waited for a 100', () => Promise.resolve(), { Expect: '100-continue' }],
  ])('nor does it once what is sent has %s', async (_how, write, headers) => {
    const before = resources();
    const transport = { read: () => new Promise<null>(() => undefined), write, close: () => undefined };
    const connector = () => Promise.resolve(transport);
    const options = { timeout: 60_000, continueTimeout: 1, connector };
    for (let count = 0; count < 20; count++) {
      const connection = new HTTPConnection('example.org', 80, options);
      await connection.request('PUT', '/', { body: 'body', headers }).catch(() => undefined);
    }
    expect(more(before).filter((kind) => kind.includes('Timeout'))).toEqual([]);
  });

  test('AbortSignal.timeout is a deadline over several operations', async () => {
    const { connection } = await start();
    let answers = 0;
    const asking = async (signal: AbortSignal): Promise<void> => {
      for (;;) {
        await connection.request('GET', '/', { signal });
        const response = await connection.getResponse({ signal });
        await response.read();
        answers++;
      }
    };
    // Longer each time, in case the machine is too busy to answer anything.
    for (let milliseconds = 40; answers === 0; milliseconds *= 2) {
      const signal = AbortSignal.timeout(milliseconds);
      const error: unknown = await asking(signal).catch((thrown: unknown) => thrown);
      expect(error).toBe(signal.reason);
      expect(error).toMatchObject({ name: 'TimeoutError' });
      expect(error).not.toHaveProperty('delivery');
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    }
    expect(await fetch(connection)).toBe('good');
  });

  test('AbortSignal.timeout ends an upload whose source stalls', async () => {
    const { connection } = await start();
    const signal = AbortSignal.timeout(30);
    const error: unknown = await connection
      .request('POST', '/', { body: hanging(), signal })
      .catch((thrown: unknown) => thrown);
    expect(error).toBe(signal.reason);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(await fetch(connection)).toBe('good');
  });
});

test('one signal for many waits has a single listener, and Node warns of no leak', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const warned = vi.fn();
  process.on('warning', warned);
  onTestFinished(() => {
    process.off('warning', warned);
  });
  const listeners = (): number => getEventListeners(signal, 'abort').length;
  const waits = Array.from({ length: 20 }, async () => {
    const { connection } = stage([[afterRequest()]]);
    await connection.request('GET', '/', { signal });
    return outcome(connection.getResponse({ signal }));
  });
  await reach({ turns: 3, microtasks: 0 });
  expect(listeners()).toBe(1);
  controller.abort('enough');
  for (const end of await Promise.all(waits)) expect(end).toEqual({ error: 'enough' });
  expect(listeners()).toBe(0);
  await reach({ turns: 1, microtasks: 0 });
  expect(warned).not.toHaveBeenCalled();
});
