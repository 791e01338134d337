import {
  CannotSendHeader,
  CannotSendRequest,
  ImproperConnectionState,
  ResponseNotReady,
} from '@http-client/errors';
import { describe, expect, test } from 'vitest';

import type { HTTPConnection, HTTPResponse } from './index.js';
import { afterRequest, END } from './testing.js';
import { answer, attempted, quiet, rejection, stage, type Stage } from './testdata/stage.js';

type Shown = 'Idle' | 'Request-started' | 'Request-sent';

/** A connection in a given state, and the response that is unread in it, if any. */
interface Scene extends Stage {
  readonly unread: HTTPResponse | undefined;
}

type Enter = (connection: HTTPConnection) => Promise<HTTPResponse | undefined>;

const started: Enter = (connection) => {
  connection.putRequest('POST', '/started');
  return Promise.resolve(undefined);
};
const sent: Enter = async (connection) => {
  connection.putRequest('POST', '/sent');
  connection.putHeader('Content-Length', 4);
  await connection.endHeaders();
  return undefined;
};
const unread: Enter = async (connection) => {
  await connection.request('GET', '/unread');
  return connection.getResponse();
};
const then =
  (first: Enter, second: Enter): Enter =>
  async (connection) => {
    const response = await first(connection);
    await second(connection);
    return response;
  };

/**
 * The six states: what `state` shows, how to get there, and which calls are legal (according to the RFC and the
 * reference).
 */
const states: Record<string, { shown: Shown; enter: Enter; legal: readonly string[] }> = {
  Idle: { shown: 'Idle', enter: () => Promise.resolve(undefined), legal: ['putRequest'] },
  'Request-started': { shown: 'Request-started', enter: started, legal: ['putHeader', 'endHeaders'] },
  'Request-sent': { shown: 'Request-sent', enter: sent, legal: ['send', 'getResponse'] },
  'Unread-response': { shown: 'Idle', enter: unread, legal: ['putRequest'] },
  'Request-started-unread-response': {
    shown: 'Request-started',
    enter: then(unread, started),
    legal: ['putHeader', 'endHeaders'],
  },
  'Request-sent-unread-response': { shown: 'Request-sent', enter: then(unread, sent), legal: ['send'] },
};

/** The calls that depend on the state: where they lead, and what they throw when they are not legal. */
const calls: Record<
  string,
  {
    call: (connection: HTTPConnection) => unknown;
    like?: string;
    to?: Shown;
    error: typeof ImproperConnectionState;
  }
> = {
  putRequest: {
    call: (connection) => {
      connection.putRequest('GET', '/');
    },
    to: 'Request-started',
    error: CannotSendRequest,
  },
  request: {
    call: (connection) => connection.request('GET', '/', { body: 'body' }),
    like: 'putRequest',
    to: 'Request-sent',
    error: CannotSendRequest,
  },
  putHeader: {
    call: (connection) => {
      connection.putHeader('A', 'b');
    },
    error: CannotSendHeader,
  },
  endHeaders: { call: (connection) => connection.endHeaders(), to: 'Request-sent', error: CannotSendHeader },
  send: { call: (connection) => connection.send('data'), error: CannotSendRequest },
  getResponse: {
    call: (connection) => connection.getResponse(),
    to: 'Idle',
    error: ResponseNotReady,
  },
};

/** Responds to three requests, each with its number. */
const server = [1, 2, 3].flatMap((count) => [afterRequest(), answer(`answer ${count}`)]);

async function enter(state: string): Promise<Scene> {
  const set = stage([server, [answer('from another')]]);
  await set.connection.connect();
  return { ...set, unread: await states[state]!.enter(set.connection) };
}

/** Continues the exchange, whatever its state, to the end of the response that is due. */
async function complete({ connection, unread }: Scene): Promise<void> {
  let due = 1;
  if (connection.state === 'Request-sent') await connection.send('data');
  if (unread !== undefined) {
    expect(await unread.text()).toBe('answer 1');
    due = 2;
  }
  if (connection.state === 'Idle') await connection.request('GET', '/completed');
  if (connection.state === 'Request-started') {
    connection.putHeader('Content-Length', 4);
    await connection.endHeaders();
    await connection.send('data');
  }
  const response = await connection.getResponse();
  expect(await response.text()).toBe(`answer ${due}`);
  expect(connection).toMatchObject({ state: 'Idle', reusable: true });
}

describe.each(Object.entries(states))('in state %s', (state, { shown, legal }) => {
  test('`state` shows it, without the response', async () => {
    const { connection } = await enter(state);
    expect(connection.state).toBe(shown);
  });

  for (const [name, { call, like = name, to, error }] of Object.entries(calls)) {
    if (legal.includes(like)) {
      test(`${name} is legal`, async () => {
        const scene = await enter(state);
        if (shown === 'Request-sent' && name === 'getResponse') await scene.connection.send('data');
        await call(scene.connection);
        expect(scene.connection.state).toBe(to ?? shown);
      });
    } else {
      test(`${name} throws, and changes nothing`, async () => {
        const scene = await enter(state);
        const [transport] = scene.transports;
        const written = transport!.writtenText;
        const thrown = await attempted(() => call(scene.connection));
        expect(thrown).toBeInstanceOf(error);
        const { message } = thrown as Error;
        expect(message).toMatch(/^Cannot /);
        expect(message).toContain(`state ${state}`);
        const told = /\(legal now: (.*)\)$/.exec(message)?.[1]?.split(', ');
        const whole = legal.includes('putRequest') ? ['request'] : [];
        expect(told?.sort()).toEqual([...legal, ...whole, 'close'].sort());
        if (error !== (CannotSendHeader as unknown)) expect(thrown).toMatchObject({ state: shown });

        expect(scene.connection).toMatchObject({ state: shown, reusable: true, transport });
        await quiet();
        expect(transport!.writtenText).toBe(written);
        expect(transport!.closed).toBe(false);
        await complete(scene);
      });
    }
  }

  test('detach throws, and changes nothing', async () => {
    const scene = await enter(state);
    expect(() => scene.connection.detach()).toThrow(ImproperConnectionState);
    await complete(scene);
  });

  test('connect() and the settings change nothing', async () => {
    const scene = await enter(state);
    await scene.connection.connect();
    scene.connection.timeout = 60_000;
    scene.connection.blockSize = 1;
    scene.connection.setDebugLevel(0);
    expect(() => {
      scene.connection.timeout = -1;
    }).toThrow(RangeError);
    expect(scene.connection).toMatchObject({ state: shown, timeout: 60_000 });
    expect(scene.connector.targets).toHaveLength(1);
    await complete(scene);
  });

  test('close() leads to Idle, any number of times, and the next request opens another connection', async () => {
    const { connection, unread, transports } = await enter(state);
    for (let time = 0; time < 3; time++) {
      connection.close();
      expect(connection).toMatchObject({ state: 'Idle', reusable: false, transport: undefined });
    }
    expect(transports[0]!.closed).toBe(true);
    if (unread !== undefined) await expect(unread.read()).rejects.toThrow(/was closed/);
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(await response.text()).toBe('from another');
  });
});

describe('a second getResponse', () => {
  test('while the first is waiting throws, and the first is served', async () => {
    const { connection } = stage([[afterRequest(), answer('one')]]);
    await connection.request('GET', '/');
    const first = connection.getResponse();
    const error = await rejection(connection.getResponse());
    expect(error).toBeInstanceOf(ResponseNotReady);
    expect(error.message).toMatch(/another getResponse waits already \(legal now: send, close\)$/);
    expect(connection.state).toBe('Request-sent');
    const response = await first;
    expect(await response.text()).toBe('one');
  });

  test('after an error of the first is out of order, like any other', async () => {
    const { connection } = stage([[afterRequest(), END]]);
    await connection.request('GET', '/');
    await rejection(connection.getResponse());
    expect(await rejection(connection.getResponse())).toBeInstanceOf(ResponseNotReady);
  });
});

test('a request that is out of order is that first of all: nothing of it is looked at', async () => {
  const { connection } = await enter('Request-sent');
  let looked = false;
  const headers = (function* (): Generator<[string, string], void> {
    looked = true;
    yield ['A', 'b'];
  })();
  for (const method of ['GET', 'not a method']) {
    expect(await rejection(connection.request(method, '/', { headers }))).toBeInstanceOf(CannotSendRequest);
  }
  expect(looked).toBe(false);
});

test('a completed request does not block a call', async () => {
  const scene = await enter('Unread-response');
  await scene.unread!.read();
  const { message } = await rejection(scene.connection.getResponse());
  expect(message).toMatch(
    /^Cannot get a response: the connection is in state Idle \(legal now: request, putRequest, close\)/,
  );
});

describe('the error of a call that is out of order says what blocks it', () => {
  test.each([
    ['Request-started', 'putRequest', 'POST /started has not been ended'],
    ['Request-sent', 'request', 'POST /sent has been sent and its response not fetched'],
    ['Unread-response', 'getResponse', 'the response to GET /unread has not been read'],
    ['Request-sent-unread-response', 'getResponse', 'has not been read'],
  ])('%s: %s', async (state, name, why) => {
    const { connection } = await enter(state);
    const thrown = await attempted(() => calls[name]!.call(connection));
    expect((thrown as Error).message).toContain(why);
  });

  test('not an earlier request, which is complete', async () => {
    const { connection } = await enter('Request-started');
    await connection.endHeaders('');
    await (await connection.getResponse()).read();
    await connection.request('GET', '/second');
    expect((await rejection(connection.request('GET', '/third'))).message).toContain('GET /second');
  });
});

// Its response would otherwise be taken for that of the next request.
describe('nothing is sent if a getter of its arguments closes the connection', () => {
  test.each<[name: string, end: (connection: HTTPConnection) => Promise<void>]>([
    [
      'an option',
      (connection) =>
        connection.endHeaders(undefined, {
          get encodeChunked() {
            connection.close();
            return false;
          },
        }),
    ],
    [
      'a body',
      (connection) => {
        const file = { read: () => '' };
        const close = (): void => {
          connection.close();
        };
        Object.defineProperty(file, Symbol.iterator, { get: close });
        return connection.endHeaders(file);
      },
    ],
  ])('%s', async (_name, end) => {
    const { connection, transports } = stage([answer('hello')]);
    connection.putRequest('GET', '/first');
    expect(await rejection(end(connection))).toBeInstanceOf(CannotSendHeader);
    await connection.request('GET', '/second');
    expect(await (await connection.getResponse()).text()).toBe('hello');
    expect(transports.map(({ writtenText }) => writtenText.split(' ')[1])).toEqual(['/second']);
  });
});

test('a head is not sent if a getter of its arguments begins another request: that one is', async () => {
  const { connection, transports } = stage([answer('hello')]);
  connection.putRequest('GET', '/first');
  const ended = connection.endHeaders(undefined, {
    get encodeChunked() {
      connection.close();
      connection.putRequest('GET', '/second');
      return false;
    },
  });
  expect(await rejection(ended)).toBeInstanceOf(CannotSendHeader);
  await connection.endHeaders();
  expect(await (await connection.getResponse()).text()).toBe('hello');
  expect(transports.map(({ writtenText }) => writtenText.split(' ')[1])).toEqual(['/second']);
});

test.each([false, true])(
  'data is not sent if a getter of it closes the connection (and asks again: %s)',
  async (asks) => {
    const { connection, transports } = stage(['', answer('hello')]);
    connection.putRequest('PUT', '/first');
    await connection.endHeaders();
    let asking: Promise<void> | undefined;
    let looked = false;
    const data = Object.defineProperty([], Symbol.iterator, {
      get: () => {
        if (!looked) connection.close();
        if (!looked && asks) asking = connection.request('GET', '/second');
        looked = true;
        return () => ['data'].values();
      },
    });
    expect(await rejection(connection.send(data))).toMatchObject({
      code: 'HTTP_EXCEPTION',
      delivery: 'sent',
    });
    await (asking ?? connection.request('GET', '/second'));
    expect(await (await connection.getResponse()).text()).toBe('hello');
    expect(transports[1]!.writtenText).not.toContain('data');
  },
);

test('a request that a getter of its options has overtaken is not begun', async () => {
  const { connection } = stage([answer('hello')]);
  let sending: Promise<void> | undefined;
  expect(() => {
    connection.putRequest('GET', '/outer', {
      get skipHost() {
        sending ??= connection.request('GET', '/inner');
        return false;
      },
    });
  }).toThrow(CannotSendRequest);
  await sending;
  expect((await connection.getResponse()).url).toBe('http://example.org/inner');
});
