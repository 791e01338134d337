import { expect, test } from 'vitest';

import { HTTPConnection, HTTPResponse } from './index.js';
import { answer, head, stage } from './testdata/stage.js';

// Works even if the platform does not support `using` yet: the transform of these tests turns it into try and finally.

test('using: the connection is closed when its block ends', async () => {
  const { connection, transports } = stage([answer('ok')]);
  {
    using held = connection;
    await held.request('GET', '/');
    const response = await held.getResponse();
    expect(await response.text()).toBe('ok');
    expect(transports[0]!.closed).toBe(false);
  }
  expect(transports[0]!.closed).toBe(true);
  expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
});

test('using: the connection is closed when its block throws', async () => {
  const { connection, transports } = stage([answer('ok')]);
  const failing = async (): Promise<void> => {
    using held = connection;
    await held.request('GET', '/');
    throw new Error('meanwhile');
  };
  await expect(failing()).rejects.toThrow('meanwhile');
  expect(transports[0]!.closed).toBe(true);
});

test('await using: the connection is closed when its block ends', async () => {
  const { connection, transports } = stage([answer('ok')]);
  {
    await using held = connection;
    await held.request('GET', '/');
  }
  expect(transports[0]!.closed).toBe(true);
  expect(connection.state).toBe('Idle');
});

test('using: a connection that was never opened', () => {
  const { connection, connector } = stage([]);
  {
    using held = connection;
    expect(held.reusable).toBe(false);
  }
  expect(connector.targets).toHaveLength(0);
});

test('await using: a response read to its end leaves its connection open', async () => {
  const { connection, transports } = stage([answer('ok')]);
  await connection.request('GET', '/');
  {
    await using response = await connection.getResponse();
    expect(await response.text()).toBe('ok');
  }
  expect(transports[0]!.closed).toBe(false);
  expect(connection.reusable).toBe(true);
});

test('await using: a partly read response is closed, and so is its connection, which would have to be drained', async () => {
  const { connection, transports } = stage([[head('Content-Length: 9'), 'some']]);
  await connection.request('GET', '/');
  {
    await using response = await connection.getResponse();
    expect(await response.read(2)).toHaveLength(2);
  }
  expect(transports[0]!.closed).toBe(true);
  expect(connection.reusable).toBe(false);
});

test('await using: both, the response first', async () => {
  const { connection, transports } = stage([answer('ok')]);
  const order: string[] = [];
  {
    await using held = connection;
    await held.request('GET', '/');
    await using response = await held.getResponse();
    using noted = {
      [Symbol.dispose]: () => {
        order.push(`the response is ${response.closed ? 'closed' : 'open'}`);
      },
    };
    expect(noted).toBeDefined();
  }
  expect(order).toEqual(['the response is open']);
  expect(transports[0]!.closed).toBe(true);
});

test('the methods have the platform’s symbols', () => {
  expect(HTTPConnection.prototype[Symbol.dispose]).toBeTypeOf('function');
  expect(HTTPConnection.prototype[Symbol.asyncDispose]).toBeTypeOf('function');
  expect(HTTPResponse.prototype[Symbol.asyncDispose]).toBeTypeOf('function');
});
