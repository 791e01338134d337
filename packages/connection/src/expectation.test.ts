import { describe, expect, test } from 'vitest';

import { afterRequest, afterWrite, type ScriptStep } from './testing.js';
import { answer, outcome, quiet, stage } from './testdata/stage.js';

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
});
