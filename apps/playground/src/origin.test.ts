import { expect, onTestFinished, test } from 'vitest';

import { startOrigin } from './origin.js';

async function ask(path: string, init: RequestInit = {}): Promise<[status: number, text: string]> {
  const origin = await startOrigin();
  onTestFinished(() => origin.close());
  const response = await fetch(`http://${origin.host}:${origin.port}${path}`, init);
  return [response.status, await response.text()];
}

// With another client than the project's own. The requests of the sessions are tested with them.
test.each<[string, RequestInit, number, string]>([
  ['/nothing?here', {}, 404, 'Nothing is at /nothing?here\n'],
  ['/file', {}, 404, 'Nothing is at /file\n'],
  ['/file', { method: 'PUT', body: 'x'.repeat(65_536) }, 200, 'Stored 65536 bytes\n'],
  ['/file', { method: 'PUT', body: 'x'.repeat(65_537) }, 413, 'More than 65536 bytes are not accepted\n'],
  ['/', { method: 'POST', body: 'x'.repeat(65_537) }, 413, 'More than 65536 bytes are not accepted\n'],
  ['/', { method: 'POST', body: 'number=1' }, 400, 'The form has no @number\n'],
  ['/', { method: 'POST', body: '%40number=1%22' }, 400, 'The form has no @number\n'],
  ['/upload', { method: 'POST', body: '12345' }, 200, '{"framing":"content-length","bytes":5}\n'],
])('%s', async (path, init, status, text) => {
  expect(await ask(path, init)).toEqual([status, text]);
});
