import { expect, test } from 'vitest';

import { END, scriptedConnector, scriptedTransport, STALL } from './testing.js';

const target = { host: 'example.org', port: 80 };

test('the connector of a transport returns it once', async () => {
  const transport = scriptedTransport([]);
  expect(await transport.connector(target)).toBe(transport);
  await expect(transport.connector(target)).rejects.toMatchObject({
    code: 'ECONNREFUSED',
    syscall: 'connect',
  });
  expect(transport.connector.targets).toEqual([target, target]);
});

test('a queue of transports and failures, in order', async () => {
  const [first, second] = [scriptedTransport([]), scriptedTransport([])];
  const failure = new Error('no route');
  const connector = scriptedConnector([first, failure, second]);
  expect(await connector(target)).toBe(first);
  await expect(connector(target)).rejects.toBe(failure);
  expect(await connector(target)).toBe(second);
});

const queue = 'as the queue of a connector: expected an iterable of transports, errors and STALL';
test.each<[what: string, given: unknown, says: string]>([
  ['one transport', scriptedTransport([]), `Cannot use "[object Object]" ${queue}`],
  ['bytes of a response', 'HTTP/1.1 200 OK', `Cannot use "HTTP/1.1 200 OK" ${queue}`],
  ['nothing', undefined, `Cannot use "undefined" ${queue}`],
  ['a marker that is not STALL', [END], 'Cannot use an Object as a transport: it has no read()'],
  ['a transport that is missing', [undefined], 'Cannot use undefined as a transport: it has no read()'],
])('not a queue: %s', (_what, given, says) => {
  expect(() => scriptedConnector(given as never)).toThrow(new TypeError(says));
});

test('an attempt that never completes ends with its signal', async () => {
  const connector = scriptedConnector([STALL, STALL, scriptedTransport([])]);
  const turn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve, 'pending'));
  expect(await Promise.race([connector(target), turn()])).toBe('pending');
  const controller = new AbortController();
  const connecting = connector({ ...target, signal: controller.signal });
  expect(await Promise.race([connecting, turn()])).toBe('pending');
  const reason = new Error('enough');
  controller.abort(reason);
  await expect(connecting).rejects.toBe(reason);
  await expect(connector({ ...target, signal: controller.signal })).rejects.toBe(reason);
});
