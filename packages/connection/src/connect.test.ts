import { HTTPException } from '@http-client/errors';
import type { Connector, Transport } from '@http-client/io';
import { describe, expect, test, vi } from 'vitest';

import { HTTPConnection } from './index.js';
import { afterWrite, END, scriptedTransport } from './testing.js';
import { answer, outcome, quiet, stage } from './testdata/stage.js';

function connectionBy(connector: Connector): HTTPConnection {
  return new HTTPConnection('example.org', 8080, { connector });
}

describe('connect()', () => {
  test('does nothing while connected, before a request and after it', async () => {
    const { connection, transports, connector } = stage([answer('ok'), '']);
    await connection.connect();
    await connection.connect();
    expect(connection).toMatchObject({ state: 'Idle', reusable: true, transport: transports[0] });
    await connection.request('GET', '/');
    await connection.connect();
    const response = await connection.getResponse();
    await connection.connect();
    expect(await response.text()).toBe('ok');
    await connection.connect();
    expect(connection).toMatchObject({ state: 'Idle', reusable: true, transport: transports[0] });
    expect(connector.targets).toHaveLength(1);
  });

  test.each([
    ['has not been asked for', false],
    ['has not been read', true],
  ])('leaves a response that %s where it is, though the peer has closed', async (_which, isAskedFor) => {
    const { connection, connector } = stage([[answer('ok'), END], '']);
    await connection.request('GET', '/');
    const early = isAskedFor ? await connection.getResponse() : undefined;
    await quiet();
    await connection.connect();
    expect(connector.targets).toHaveLength(1);
    const response = early ?? (await connection.getResponse());
    expect(await response.text()).toBe('ok');
  });

  test('waits for the connection that a request is opening', async () => {
    const { connection, transports } = stage(['']);
    const requesting = connection.request('GET', '/');
    await connection.connect();
    expect(connection).toMatchObject({ state: 'Request-sent', transport: transports[0] });
    await requesting;
  });

  test('opens another one if the server still expects the rest of a body', async () => {
    const { connection, transports } = stage([[afterWrite(1), answer('early')], answer('ok')]);
    connection.putRequest('POST', '/');
    connection.putHeader('Content-Length', 4);
    await connection.endHeaders();
    expect(await (await connection.getResponse()).text()).toBe('early');
    await connection.connect();
    expect(connection).toMatchObject({ state: 'Idle', reusable: true, transport: transports[1] });
    expect(transports[0]!.closed).toBe(true);
  });

  test('is not affected by an earlier attempt, which was abandoned and fails later', async () => {
    const attempts: { give: (transport: Transport) => void; fail: (error: Error) => void }[] = [];
    const connection = connectionBy(() => new Promise((give, fail) => attempts.push({ give, fail })));
    const first = outcome(connection.connect());
    connection.close();
    expect((await first).error).toBeInstanceOf(HTTPException);
    const second = outcome(connection.connect());
    attempts[0]!.fail(new Error('late'));
    await Promise.resolve();
    const transport = scriptedTransport([]);
    attempts[1]!.give(transport);
    expect(await second).toEqual({ value: undefined });
    expect(connection.transport).toBe(transport);
  });

  test('twice at once opens one connection', async () => {
    const { connection, connector } = stage(['', '']);
    await Promise.all([connection.connect(), connection.connect(), connection.request('GET', '/')]);
    expect(connector.targets).toHaveLength(1);
    expect(connection.state).toBe('Request-sent');
  });

  test('within the abort of the last attempt begins another one, which later calls share', async () => {
    const attempts: Promise<unknown>[] = [];
    const connector = vi.fn<Connector>(({ signal }) => {
      signal!.addEventListener('abort', () => {
        if (attempts.length < 2) attempts.push(outcome(connection.connect()));
      });
      return new Promise(() => undefined);
    });
    const connection = connectionBy(connector);
    attempts.push(outcome(connection.connect()));
    connection.close();
    attempts.push(outcome(connection.connect()));
    expect(connector).toHaveBeenCalledTimes(2);
    connection.close();
    expect(await Promise.all(attempts)).toEqual(
      attempts.map(() => ({ error: expect.any(HTTPException) as unknown })),
    );
  });

  test('opens another one if the last is no longer usable', async () => {
    const { connection, transports } = stage([[END], '']);
    await connection.connect();
    await quiet();
    await connection.connect();
    expect(connection.transport).toBe(transports[1]);
  });

  test('also while a request is being built', async () => {
    const { connection, transports } = stage([[END], answer('ok')], { autoOpen: false });
    await connection.connect();
    connection.putRequest('GET', '/');
    await quiet();
    expect(connection).toMatchObject({ state: 'Request-started', transport: undefined });
    await connection.connect();
    expect(connection).toMatchObject({ state: 'Request-started', transport: transports[1] });
    await connection.endHeaders();
    const response = await connection.getResponse();
    expect(await response.text()).toBe('ok');
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'aborted %i turns after the connector returned a transport, has either connected or left nothing open',
    async (turns) => {
      const transport = scriptedTransport([]);
      const controller = new AbortController();
      const connection = connectionBy(() => {
        const given = Promise.resolve<Transport>(transport);
        let later: Promise<unknown> = given;
        for (let turn = 0; turn < turns; turn++) later = later.then(() => undefined);
        void later.then(() => {
          controller.abort('enough');
        });
        return given;
      });
      const { error } = await outcome(connection.connect({ signal: controller.signal }));
      if (error !== undefined) expect(error).toBe('enough');
      expect(transport.closed).toBe(error !== undefined);
      expect(connection.reusable).toBe(error === undefined);
    },
  );
});
