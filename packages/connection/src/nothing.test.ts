import { expect, test } from 'vitest';

import type { HTTPResponse } from './index.js';
import { afterRequest, END, type ScriptStep } from './testing.js';
import { fetched, head, outcome, quiet, stage, text } from './testdata/stage.js';

// An empty array belongs to the caller like any other: transferring it must not detach anybody else's memory.

const WAYS: [name: string, read: (response: HTTPResponse) => Promise<Uint8Array>][] = [
  ['read()', (response) => response.read()],
  ['read(0)', (response) => response.read(0)],
  ['read(9)', (response) => response.read(9)],
  ['read1()', (response) => response.read1()],
  ['read1(0)', (response) => response.read1(0)],
  ['peek()', (response) => response.peek()],
  ['peek(0)', (response) => response.peek(0)],
  ['readLine()', (response) => response.readLine()],
  ['readLine(0)', (response) => response.readLine(0)],
];
const ANSWERS = {
  'no body': [head('Content-Length: 0'), ''],
  'a body by length': [`${head('Content-Length: 3')}abc`, 'abc'],
  'a chunked body': [`${head('Transfer-Encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`, 'abc'],
} as const;
const rows = Object.entries(ANSWERS).flatMap(([what, [answer]]) =>
  WAYS.map(([name, read]) => [name, what, answer, read] as const),
);

function transfer({ buffer }: Uint8Array): void {
  structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
}

test.each(rows)('%s after %s', async (_name, _what, answer, read) => {
  const answers = Object.values(ANSWERS);
  const { connection } = stage([[answer, ...answers.flatMap(([next]) => [afterRequest(), next])]]);
  await connection.request('GET', '/');
  const response = await connection.getResponse();
  await response.read();
  const nothing = await read(response);
  expect(nothing).toHaveLength(0);
  transfer(nothing);
  for (const [, body] of answers) {
    await connection.request('GET', '/');
    const next = await connection.getResponse();
    expect(text(await next.peek())).toBe(body);
    for (const [, way] of WAYS) await way(next);
  }
});

const NEXT: [what: string, script: ScriptStep[]][] = [
  ['a fault has arrived', [`${head('Transfer-Encoding: chunked')}no size\r\n`]],
  ['the stream has been cut off', [head('Content-Length: 3'), END]],
];
test.each(NEXT)('is returned to whoever asks for it, even if %s', async (_what, script) => {
  const { response } = await fetched(script);
  await quiet();
  for (const [name, read] of WAYS.filter(([way]) => way.endsWith('(0)'))) {
    expect([name, await outcome(read(response))]).toEqual([name, { value: new Uint8Array(0) }]);
  }
  const target = new Uint8Array(0);
  expect(await outcome(response.readInto(target))).toEqual({ value: 0 });
  expect(await outcome(response.readInto1(target))).toEqual({ value: 0 });
  expect(response.closed).toBe(false);
});

test('the head of a detached transport', async () => {
  const upgrade = { headers: { Connection: 'Upgrade', Upgrade: 'x' } };
  for (let time = 0; time < 2; time++) {
    const { connection } = stage(['HTTP/1.1 101 \r\n\r\n']);
    await connection.request('GET', '/', upgrade);
    await connection.getResponse();
    const { head: nothing } = connection.detach();
    expect(nothing).toHaveLength(0);
    transfer(nothing);
  }
});
