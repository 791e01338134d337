import { AsyncLocalStorage } from 'node:async_hooks';

import { expect, onTestFinished, test } from 'vitest';

import { HTTPConnection } from './index.js';
import { afterText, listening } from './testdata/sockets.js';

const ANSWER = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na\n\r\n0\r\n\r\n';

test('awaited calls continue in the caller’s async context, on a connection opened in another one', async () => {
  const { port } = await listening((socket) => {
    const serve = (): void => {
      afterText(
        socket,
        (text) => text.endsWith('0\r\n\r\n'),
        () => {
          socket.write(ANSWER);
          serve();
        },
      );
    };
    serve();
  });
  const context = new AsyncLocalStorage<string>();
  const seen: [what: string, context: string | undefined][] = [];
  const note = (what: string): void => {
    seen.push([what, context.getStore()]);
  };
  const connection = new HTTPConnection('127.0.0.1', port);
  onTestFinished(() => {
    connection.close();
  });
  async function* source(): AsyncGenerator<string> {
    note('source');
    yield 'x';
    await new Promise(setImmediate);
    note('source');
    yield 'x';
  }
  const exchange = async (): Promise<void> => {
    await connection.request('POST', '/', { body: source() });
    note('sent');
    const response = await connection.getResponse();
    note('answered');
    for await (const line of response.lines()) note(String(line.length));
    note('read');
  };
  const expected = (asking: string): typeof seen => [
    ['source', asking],
    ['source', asking],
    ['sent', asking],
    ['answered', asking],
    ['2', asking],
    ['read', asking],
  ];
  for (const asking of ['first', 'second']) {
    await context.run(asking, exchange);
    expect(seen.splice(0)).toEqual(expected(asking));
  }
});
