import { HTTPException, type Delivery } from '@http-client/errors';
import { expect, test } from 'vitest';

import type { HTTPConnection, HTTPConnectionOptions } from './index.js';
import { answer, quiet, rejection, stage } from './testdata/stage.js';
import { afterWrite, reset } from './testing.js';

// An error of a request is `answered` once a byte of the response has arrived, whether the caller has asked for the
// response, or has read it, or neither.

const nothing = (): void => undefined;
const get = (connection: HTTPConnection): Promise<unknown> => connection.getResponse();
const read = async (connection: HTTPConnection): Promise<unknown> => (await connection.getResponse()).read();

const ARRIVED: [what: string, response: string, receive: (it: HTTPConnection) => unknown, string][] = [
  ['nothing', '', nothing, 'partial'],
  ['part of a head', 'HTTP/1.1 4', nothing, 'answered'],
  ['an interim response', 'HTTP/1.1 103 Early Hints\r\n\r\n', nothing, 'answered'],
  ['a response that nobody has asked for', answer('no'), nothing, 'answered'],
  ['a response whose head was returned', answer('no'), get, 'answered'],
  ['a response that was read', answer('no'), read, 'answered'],
  ['a last response whose head was returned', answer('no', 'Connection: close'), get, 'answered'],
];

/** An upload that goes on when it is told to; the peer takes its first block and not the second. */
function upload(script: string[]): { connection: HTTPConnection; sent: Promise<Error>; go: () => void } {
  const { connection } = stage([[afterWrite((sent) => sent.includes('some')), ...script]], {
    play: { failWritesAfter: 1000 },
  });
  let go!: () => void;
  const told = new Promise<void>((resolve) => (go = resolve));
  async function* body(): AsyncGenerator<string, void> {
    yield 'some';
    await told;
    yield 'more'.repeat(1000);
  }
  return { connection, sent: rejection(connection.request('PUT', '/', { body: body() })), go };
}

for (const by of ['close()', 'a failed write']) {
  test.each(ARRIVED)(`ended by ${by}, after %s`, async (_what, response, receive, delivery) => {
    const { connection, sent, go } = upload([response]);
    await quiet();
    await receive(connection);
    if (by === 'close()') connection.close();
    else go();
    expect(await sent).toMatchObject({ delivery });
  });
}

test('bytes of the previous response are none of this one', async () => {
  const { connection } = stage([[answer('first').slice(0, -1), afterWrite(1), 't']]);
  await connection.request('GET', '/');
  await connection.getResponse();
  const body = new ReadableStream<string>({
    start: (controller) => {
      controller.enqueue('some');
    },
  });
  const sent = rejection(connection.request('PUT', '/', { body }));
  await quiet();
  connection.close();
  expect(await sent).toMatchObject({ delivery: 'partial' });
});

test('a failure that ended the request is `answered` once the previous response has been read, and this one began behind it', async () => {
  const both = `${answer('first').slice(-1)}HTTP/1.1 2`;
  const { connection } = stage([[answer('first').slice(0, -1), afterWrite(1), both, reset('ECONNRESET')]]);
  await connection.request('GET', '/');
  const first = await connection.getResponse();
  const body = new ReadableStream<string>({
    start: (controller) => {
      controller.enqueue('some');
    },
  });
  const error = await rejection(connection.request('PUT', '/', { body }));
  expect(error).toMatchObject({ code: 'ECONNRESET', delivery: 'partial' });
  expect(await first.text()).toBe('first');
  expect(await rejection(connection.getResponse())).toBe(error);
  expect(error).toMatchObject({ delivery: 'answered' });
});

test.each<
  [
    of: string,
    options: HTTPConnectionOptions,
    use: (it: HTTPConnection) => Promise<unknown>,
    delivery: string,
  ]
>([
  [
    'a connector',
    { connector: () => Promise.reject(another('answered')) },
    (connection) => connection.request('GET', '/'),
    'unsent',
  ],
  [
    'the source of a body',
    {},
    (connection) => {
      const body = function* (): Generator<string, void> {
        yield 'some';
        throw another('unsent');
      };
      return connection.request('PUT', '/', { body: body() });
    },
    'partial',
  ],
  [
    'onInformational',
    {
      onInformational: () => {
        throw another('unsent');
      },
    },
    async (connection) => {
      await connection.request('GET', '/');
      await connection.getResponse();
    },
    'answered',
  ],
])('an error of another request, from %s, says how far this one got', async (_of, options, use, delivery) => {
  const { connection } = stage(['HTTP/1.1 103 Early Hints\r\n\r\n'], options);
  expect(await rejection(use(connection))).toMatchObject({ message: 'another (b.example:80)', delivery });
});

/** An error that another connection has completed. */
function another(delivery: Delivery): Error {
  return Object.assign(new HTTPException('another (b.example:80)'), { delivery });
}
