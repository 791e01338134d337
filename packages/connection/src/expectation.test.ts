import { describe, expect, test } from 'vitest';

import type { HTTPConnection } from './index.js';
import { afterRequest, afterWrite, type ScriptStep } from './testing.js';
import { answer, outcome, quiet, settled, stage } from './testdata/stage.js';

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const headSent = afterWrite((sent) => sent.endsWith('\r\n\r\n'));
const headers = { Expect: '100-continue' };

describe('Expect: 100-continue', () => {
  test.each([
    ['request, then getResponse', false],
    ['getResponse before the request has been sent', true],
  ])('%s: the body is sent after the 100', async (_name, early) => {
    const script: ScriptStep[] = [headSent, CONTINUE, afterWrite(4), answer('done')];
    const { connection, transports } = stage([script], { continueTimeout: 1e6 });
    await connection.connect();
    const requesting = outcome(connection.request('POST', '/', { body: 'body', headers }));
    if (!early) expect(await requesting).toEqual({ value: undefined });
    const response = await connection.getResponse();
    expect(await requesting).toEqual({ value: undefined });
    expect(await response.text()).toBe('done');
    expect(response.informational).toHaveLength(1);
    expect(transports[0]!.writtenText).toMatch(/\r\n\r\nbody$/);
  });

  test('the body is not sent while the server says nothing', async () => {
    const { connection, transports } = stage([[afterRequest()]], { continueTimeout: 1e6 });
    const requesting = outcome(connection.request('POST', '/', { body: 'body', headers }));
    expect(await requesting).toEqual({ pending: true });
    expect(transports[0]!.writtenText).toMatch(/\r\n\r\n$/);
    connection.close();
    await quiet();
  });

  // These bodies look like what the wait is for.
  describe.each([CONTINUE, answer('forged'), 'a body'])('while the response before is unread: %j', (body) => {
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
  });
});
