import { createServer } from 'node:net';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { temporaryFolder } from '../../../tests/support/folders.js';
import { HTTPConnection, unixConnector } from './index.js';
import { afterHead } from './testdata/sockets.js';
import { answer, rejection } from './testdata/stage.js';

describe('a Unix domain socket', () => {
  test('is connected to by its path; Host still names the host', async () => {
    const socketPath = join(temporaryFolder(), 'http');
    const server = createServer((socket) => {
      afterHead(socket, (request) => socket.end(answer(request)));
    });
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    onTestFinished(() => {
      server.close();
    });
    const connection = new HTTPConnection('example.org', 8080, { socketPath });
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(await response.text()).toContain('\r\nHost: example.org:8080\r\n');
    connection.close();
  });

  // Other systems report an error themselves, or accept it.
  test.runIf(process.platform === 'linux').each([
    ['bytes', 'a'.repeat(109)],
    ['characters of two bytes', `a${'é'.repeat(54)}`],
  ])('is not truncated to the first 108 bytes of its path: %s', (_what, socketPath) => {
    const open = (path: string): unknown => new HTTPConnection('example.org', 80, { socketPath: path });
    expect(() => open(socketPath)).toThrow(RangeError);
    expect(() => open(socketPath)).toThrow(
      / as socketPath: it has 109 bytes, and a socket's path at most 108$/,
    );
    open('a'.repeat(108));
  });

  test('is not truncated at a NUL in its path', () => {
    const open = (socketPath: string): unknown => new HTTPConnection('example.org', 80, { socketPath });
    for (const [path, shown] of [
      ['socket\0', String.raw`socket\x00`],
      ['s\0ocket', String.raw`s\x00ocket`],
    ] as const) {
      expect(() => open(path)).toThrow(
        new TypeError(`Cannot use "${shown}" as socketPath: a NUL is not allowed there`),
      );
    }
    open('\0abstract');
  });

  test('that does not exist is the system’s error', async () => {
    const socketPath = join(temporaryFolder(), 'http');
    const connection = new HTTPConnection('example.org', 80, { socketPath });
    expect(await rejection(connection.connect())).toMatchObject({ code: 'ENOENT' });
  });

  test.each<[wrong: string, target: object, kind: typeof TypeError, says: string]>([
    ['a timeout of 0', { timeout: 0 }, RangeError, '"0" as timeout'],
    ['a controller', { signal: new AbortController() }, TypeError, 'as a signal: expected an AbortSignal'],
  ])('its connector rejects %s', async (_wrong, wrong, kind, says) => {
    const opening = unixConnector('/nowhere')({ host: 'example.org', port: 80, ...wrong });
    await expect(opening).rejects.toThrow(kind);
    await expect(opening).rejects.toThrow(says);
  });
});
