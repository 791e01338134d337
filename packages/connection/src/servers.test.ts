import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { IncompleteRead } from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import type { HTTPResponse, RequestBody } from './index.js';
import { ORIGINS } from './testdata/servers-origins.js';
import { checksum, FILES, LARGE } from './testdata/servers-site.js';
import { ask, describeOrigin, open, place, until } from './testdata/servers-stage.js';

// Servers that share no code with this project, each in its own process, on the loopback interface.

const HELLO = 'Hello, world!\n';

for (const origin of ORIGINS) {
  const { can } = origin;
  describeOrigin(origin, (at) => {
    test('a file, and a connection that is kept alive', async () => {
      const connection = open(at().ports.steady);
      const response = await ask(connection, 'GET', '/hello.txt');
      expect([response.version, response.status, response.reason]).toEqual([11, 200, 'OK']);
      expect(response.length).toBe(HELLO.length);
      expect(await response.text()).toBe(HELLO);
      expect(response.closed).toBe(true);
      expect(response.willClose).toBe(false);
      expect(connection.reusable).toBe(true);
    });

    test('responses with and without a body, in sequence on one connection', async () => {
      const connection = open(at().ports.steady);
      const first = await ask(connection, 'GET', '/hello.txt');
      const served = place(first).connection;
      expect(await first.text()).toBe(HELLO);

      const head = await ask(connection, 'HEAD', '/large.bin');
      expect(head.getHeader('Content-Length')).toBe(String(LARGE.length));
      expect(head.closed).toBe(true);
      expect(await head.text()).toBe('');

      const empty = await ask(connection, 'GET', '/empty.txt');
      expect([empty.status, await empty.text()]).toEqual([200, '']);

      const modified = first.getHeader('Last-Modified')!;
      const same = await ask(connection, 'GET', '/hello.txt', { headers: { 'If-Modified-Since': modified } });
      expect([same.status, same.closed, await same.text()]).toEqual([304, true, '']);

      const chunked = await ask(connection, 'GET', '/chunked/hello.txt');
      expect([chunked.chunked, chunked.length]).toEqual([true, undefined]);
      expect(await chunked.text()).toBe(HELLO);

      const last = await ask(connection, 'GET', '/hello.txt');
      expect(await last.text()).toBe(HELLO);
      expect(place(last)).toEqual({ connection: served, request: 6 });
    });

    test('1,000 requests on one connection', async () => {
      const connection = open(at().ports.steady);
      const connections = new Set<string | undefined>();
      for (let count = 1; count <= 1000; count++) {
        const response = await ask(connection, 'GET', '/hello.txt');
        expect(place(response).request).toBe(count);
        connections.add(place(response).connection);
        expect(await response.text()).toBe(HELLO);
      }
      expect(connections.size).toBe(1);
    });

    test('a 404, with its body', async () => {
      const connection = open(at().ports.steady);
      const response = await ask(connection, 'GET', '/missing');
      expect(response.status).toBe(404);
      expect(await response.text()).not.toBe('');
      expect(connection.reusable).toBe(!response.willClose);
      const next = await ask(connection, 'GET', '/hello.txt');
      expect(await next.text()).toBe(HELLO);
      expect(place(next).request).toBe(response.willClose ? 1 : 2);
    });

    test('a response that announces closing, and another connection for the next one', async () => {
      const connection = open(at().ports.steady);
      const response = await ask(connection, 'GET', '/close/hello.txt');
      expect(response.willClose).toBe(true);
      expect(connection.transport).toBeUndefined();
      const next = await ask(connection, 'GET', '/hello.txt');
      // The first response owns its connection, and can still be read from it.
      expect(await response.text()).toBe(HELLO);
      expect(await next.text()).toBe(HELLO);
      expect(place(next).connection).not.toBe(place(response).connection);
    });

    test('a connection that the server closes while idle, and another for the next request', async () => {
      const connection = open(at().ports.brief);
      const response = await ask(connection, 'GET', '/hello.txt');
      expect(await response.text()).toBe(HELLO);
      await until(() => !connection.reusable);
      const next = await ask(connection, 'GET', '/hello.txt');
      expect(await next.text()).toBe(HELLO);
      expect(place(next).request).toBe(1);
      expect(place(next).connection).not.toBe(place(response).connection);
    });

    describe('20 MB', () => {
      const readers: Record<string, (response: HTTPResponse) => Promise<string>> = {
        'read()': async (response) => checksum(await response.read()),
        'read(amount)': async (response) => {
          const blocks: Uint8Array[] = [];
          while (!response.closed) blocks.push(await response.read(300_000));
          return checksum(...blocks);
        },
        'readInto()': async (response) => {
          const whole = new Uint8Array(LARGE.length);
          for (let at = 0; at < whole.length; at += 333_333) {
            await response.readInto(whole.subarray(at, at + 333_333));
          }
          expect(await response.readInto(new Uint8Array(1))).toBe(0);
          return checksum(whole);
        },
        iteration: async (response) => {
          const blocks: Uint8Array[] = [];
          for await (const block of response) blocks.push(block);
          return checksum(...blocks);
        },
        'a web stream': async (response) => {
          const blocks: Uint8Array[] = [];
          for await (const block of response.body) blocks.push(block);
          return checksum(...blocks);
        },
      };
      const expected = checksum(LARGE);

      for (const [name, read] of Object.entries(readers)) {
        test.each([
          ['with a length', '/large.bin', LARGE.length],
          ['in chunks', '/chunked/large.bin', undefined],
        ])(`by ${name}, %s`, async (_framing, url, length) => {
          const connection = open(at().ports.steady);
          const response = await ask(connection, 'GET', url);
          expect(response.length).toBe(length);
          expect(await read(response)).toBe(expected);
          expect(response.closed).toBe(true);
          expect(connection.reusable).toBe(true);
        });
      }
    });

    describe('sending a body', () => {
      const blocks = function* (): Generator<Uint8Array> {
        for (let at = 0; at < LARGE.length; at += 70_000) yield LARGE.subarray(at, at + 70_000);
      };
      const bodies: Record<string, { body: RequestBody; bytes: Uint8Array; length?: number }> = {
        text: { body: HELLO, bytes: FILES['hello.txt'], length: HELLO.length },
        'nothing, by its length': { body: '', bytes: FILES['empty.txt'], length: 0 },
        'an iterable': { body: ['Hello', ', ', 'world!\n'], bytes: FILES['hello.txt'] },
        'an empty iterable': { body: [], bytes: FILES['empty.txt'] },
        '20 MB, by their length': { body: LARGE, bytes: LARGE, length: LARGE.length },
        '20 MB, in chunks': { body: blocks(), bytes: LARGE },
        'a stream of 20 MB': { body: new Blob([LARGE]).stream(), bytes: LARGE },
      };
      let uploads = 0;

      for (const [name, { body, bytes, length }] of Object.entries(bodies)) {
        // A generator and a stream can be sent only once.
        const methods = name.includes('20 MB') && length === undefined ? ['PUT'] : ['PUT', 'POST'];
        test.each(methods)(`${name}, by %s`, async (method) => {
          const path = `/upload/${++uploads}`;
          const connection = open(at().ports.steady);
          const response = await ask(connection, method, path, { body });
          expect(response.status).toBe(201);
          expect(response.getHeader('X-Content-Length')).toBe(length?.toString());
          expect(response.getHeader('X-Transfer-Encoding')).toBe(
            length === undefined ? 'chunked' : undefined,
          );
          await response.read();
          expect(readFileSync(join(at().site.folder, path)).equals(bytes)).toBe(true);
          expect(connection.reusable).toBe(true);
        });
      }

      test.each([
        ['by its length', HELLO],
        ['in chunks', ['Hello', ', ', 'world!\n']],
      ])('after a 100 (Continue), %s', async (_framing, body) => {
        const path = `/upload/${++uploads}`;
        const connection = open(at().ports.steady);
        const response = await ask(connection, 'PUT', path, { body, headers: { Expect: '100-continue' } });
        expect(response.informational.map(({ status }) => status)).toEqual([100]);
        expect(response.status).toBe(201);
        await response.read();
        expect(readFileSync(join(at().site.folder, path), 'latin1')).toBe(HELLO);
        expect(connection.reusable).toBe(true);
      });

      test('not after a refusal', async () => {
        const connection = open(at().ports.steady);
        let asked = false;
        const body = (function* () {
          asked = true;
          yield LARGE;
        })();
        const headers = { Expect: '100-continue', 'Content-Length': LARGE.length };
        const response = await ask(connection, 'PUT', '/refused/body', { body, headers });
        expect([response.status, response.willClose, asked]).toEqual([413, true, false]);
        expect(response.informational).toEqual([]);
        await response.read();
        const next = await ask(connection, 'GET', '/hello.txt');
        expect(await next.text()).toBe(HELLO);
        expect(place(next).request).toBe(1);
      });
    });

    if (can.includes('parts')) {
      describe('parts of a file', () => {
        const size = HELLO.length;
        test.each([
          ['from and to', 'bytes=7-11', `bytes 7-11/${size}`, 'world'],
          ['from', 'bytes=7-', `bytes 7-13/${size}`, 'world!\n'],
          ['the last bytes', 'bytes=-2', `bytes 12-13/${size}`, '!\n'],
          ['to beyond the end', 'bytes=12-99', `bytes 12-13/${size}`, '!\n'],
        ])('%s', async (_name, range, contentRange, text) => {
          const connection = open(at().ports.steady);
          const response = await ask(connection, 'GET', '/hello.txt', { headers: { Range: range } });
          expect([response.status, response.getHeader('Content-Range')]).toEqual([206, contentRange]);
          expect(response.length).toBe(text.length);
          expect(await response.text()).toBe(text);
          expect(connection.reusable).toBe(true);
        });

        test('416 beyond the end', async () => {
          const connection = open(at().ports.steady);
          const response = await ask(connection, 'GET', '/hello.txt', { headers: { Range: 'bytes=99-' } });
          expect([response.status, response.getHeader('Content-Range')]).toEqual([416, `bytes */${size}`]);
          await response.read();
          expect(connection.reusable).toBe(true);
        });

        test('304 for the entity tag', async () => {
          const connection = open(at().ports.steady);
          const first = await ask(connection, 'GET', '/hello.txt');
          await first.read();
          const headers = { 'If-None-Match': first.getHeader('ETag')! };
          const response = await ask(connection, 'GET', '/hello.txt', { headers });
          expect([response.status, response.closed, await response.text()]).toEqual([304, true, '']);
          expect(place(response)).toEqual({ connection: place(first).connection, request: 2 });
        });
      });
    } else {
      test('the whole file if ranges are not supported', async () => {
        const headers = { Range: 'bytes=7-11' };
        const response = await ask(open(at().ports.steady), 'GET', '/hello.txt', { headers });
        expect([response.status, await response.text()]).toEqual([200, HELLO]);
      });
    }

    if (can.includes('trailers')) {
      test('trailers', async () => {
        const connection = open(at().ports.steady);
        const response = await ask(connection, 'GET', '/trailers');
        expect(response.trailers).toBeUndefined();
        expect(await response.text()).toBe('one\ntwo\n');
        // An intermediary may change the case of names.
        expect(response.trailers?.toJSON().map(([name, value]) => [name.toLowerCase(), value])).toEqual([
          ['x-sum', '8'],
          ['x-note', 'all there'],
        ]);
        expect(connection.reusable).toBe(true);
      });
    }

    if (can.includes('interim')) {
      test('interim responses', async () => {
        const response = await ask(open(at().ports.steady), 'GET', '/interim');
        expect(response.informational.map(({ status, headers }) => [status, headers.get('link')])).toEqual([
          [102, undefined],
          [103, '</style.css>; rel=preload'],
        ]);
        expect([response.status, await response.text()]).toEqual([200, 'at last\n']);
      });
    }

    if (can.includes('break off')) {
      test('a truncated body', async () => {
        const connection = open(at().ports.steady);
        const response = await ask(connection, 'GET', '/broken');
        const error: unknown = await response.read().catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(IncompleteRead);
        const { partial, expected } = error as IncompleteRead;
        expect([decodeLatin1(partial), expected]).toEqual(['0123456789', 90]);
        const next = await ask(connection, 'GET', '/hello.txt');
        expect(await next.text()).toBe(HELLO);
      });
    }

    if (can.includes('gives up first')) {
      // It is a response to nothing: taken for that to the next request, it would put all later ones out of step.
      test('a 408 before any request, and another connection for the first one', async () => {
        const received: string[] = [];
        const connection = open(at().ports.brief, {
          onWire: ({ part, data }) => received.push(`${part} ${decodeLatin1(data.subarray(0, 12))}`),
        });
        await connection.connect();
        const { transport } = connection;
        await until(() => !connection.reusable);
        expect(received).toEqual([expect.stringMatching(/^excess HTTP\/1\.[01] 408/)]);
        const response = await ask(connection, 'GET', '/hello.txt');
        expect(await response.text()).toBe(HELLO);
        expect(place(response).request).toBe(1);
        expect(connection.transport).not.toBe(transport);
      });
    }

    if (can.includes('answer early')) {
      test('a response that arrives while the body is still being sent', async () => {
        const connection = open(at().ports.steady);
        // Whether the system has taken all of it by then cannot be predicted.
        const sent = connection.request('PUT', '/refused/body', { body: LARGE }).catch(() => undefined);
        const response = await connection.getResponse();
        expect([response.status, response.willClose]).toEqual([413, true]);
        expect(await response.text()).toContain('413');
        await sent;
        const next = await ask(connection, 'GET', '/hello.txt');
        expect(await next.text()).toBe(HELLO);
      });
    }

    if (can.includes('HTTP/1.0')) {
      describe('HTTP/1.0', () => {
        test.each([
          ['with a length', '/hello.txt', HELLO.length],
          ['up to the end of the connection', '/chunked/hello.txt', undefined],
        ])('a body %s', async (_framing, url, length) => {
          const connection = open(at().ports.old!);
          const response = await ask(connection, 'GET', url);
          expect([response.version, response.status, response.willClose]).toEqual([10, 200, true]);
          expect([response.chunked, response.length]).toEqual([false, length]);
          const next = await ask(connection, 'GET', url);
          expect(await response.text()).toBe(HELLO);
          expect(await next.text()).toBe(HELLO);
          expect(place(next).connection).not.toBe(place(response).connection);
        });

        test('20 MB up to the end of the connection', async () => {
          const response = await ask(open(at().ports.old!), 'GET', '/chunked/large.bin');
          expect(checksum(await response.read())).toBe(checksum(LARGE));
        });

        test('HEAD, and sending a body', async () => {
          const connection = open(at().ports.old!);
          const head = await ask(connection, 'HEAD', '/hello.txt');
          expect([head.version, head.status, await head.text()]).toEqual([10, 200, '']);
          const put = await ask(connection, 'PUT', '/upload/old', { body: HELLO });
          expect([put.version, put.status, await put.text()]).toEqual([10, 201, '']);
          expect(readFileSync(join(at().site.folder, 'upload/old'), 'latin1')).toBe(HELLO);
        });
      });
    }
  });
}
