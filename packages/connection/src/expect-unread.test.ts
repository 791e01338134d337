import { describe, expect, test } from 'vitest';

import type { HTTPConnection } from './index.js';
import { afterWrite } from './testing.js';
import { answer, quiet, settled, stage } from './testdata/stage.js';

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const headSent = afterWrite((sent) => sent.endsWith('\r\n\r\n'));
const headers = { Expect: '100-continue' };

// These bodies look like what the wait is for.
describe.each([CONTINUE, answer('forged'), 'a body'])(
  'Expect: 100-continue while the previous response is unread: %j',
  (body) => {
    const second = (connection: HTTPConnection): Promise<void> =>
      connection.request('POST', '/2', { body: 'body', headers });

    test('the wait begins once it has been read', async () => {
      const script = [answer(body), headSent, CONTINUE, afterWrite(4), answer('done')];
      const { connection, transports } = stage([script], { continueTimeout: 1e6 });
      await connection.request('GET', '/1');
      const first = await connection.getResponse();
      const requesting = settled(second(connection));
      await quiet();
      expect(transports[0]!.writtenText).toMatch(/\r\n\r\n$/);
      expect(await first.text()).toBe(body);
      expect(await requesting).toEqual({ value: undefined });
      const response = await connection.getResponse();
      expect(await response.text()).toBe('done');
      expect(transports[0]!.writtenText).toMatch(/\r\n\r\nbody$/);
      expect(connection.reusable).toBe(true);
    });

    test('the body is sent after a while, as if the server said nothing', async () => {
      const script = [answer(body), headSent, CONTINUE, afterWrite(4), answer('done')];
      const { connection } = stage([script], { continueTimeout: 1 });
      await connection.request('GET', '/1');
      const first = await connection.getResponse();
      await second(connection);
      expect(await first.text()).toBe(body);
      const response = await connection.getResponse();
      expect(await response.text()).toBe('done');
      expect(response.informational).toHaveLength(1);
    });

    test('its signal ends the wait', async () => {
      const { connection } = stage([[answer(body)]], { continueTimeout: 1e6 });
      await connection.request('GET', '/1');
      await connection.getResponse();
      const controller = new AbortController();
      const { signal } = controller;
      const requesting = connection.request('POST', '/2', { body: 'body', headers, signal });
      await quiet();
      controller.abort('enough');
      await expect(requesting).rejects.toBe('enough');
      expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
    });

    test('closed with the response, it is rejected', async () => {
      const { connection } = stage([[answer(body)]], { continueTimeout: 1e6 });
      await connection.request('GET', '/1');
      const first = await connection.getResponse();
      const requesting = second(connection);
      await quiet();
      first.close();
      await expect(requesting).rejects.toMatchObject({ code: 'HTTP_EXCEPTION', delivery: 'partial' });
      expect(connection.state).toBe('Idle');
    });
  },
);
