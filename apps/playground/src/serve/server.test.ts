import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';

import { describe, expect, test } from 'vitest';

import { startPlayground, usePlayground } from '../testing/playground.js';
import { ROUTES, TOKEN_FIELD, type Hello, type Verdict } from './api.js';
import { LIMITS } from './limits.js';
import { startServer } from './server.js';

const playground = usePlayground();

describe('which callers are refused', () => {
  test.each<[string, Record<string, string | undefined>, string]>([
    [
      'a foreign Host, as of a name that was made to resolve to this machine',
      { host: 'attacker.example' },
      'no other Host',
    ],
    ['a Host of another port', { host: '127.0.0.1:1' }, 'no other Host'],
    ['a foreign Origin', { origin: 'http://attacker.example' }, 'Origin'],
    ['the Origin of another server on this machine', { origin: 'http://127.0.0.1:1' }, 'Origin'],
    ['an opaque Origin, as of a sandboxed frame', { origin: 'null' }, 'Origin'],
    ['no Origin', { origin: undefined }, 'Only the page'],
    ['what the browser says comes from another site', { 'sec-fetch-site': 'cross-site' }, 'Only the page'],
    ['what the browser says comes from another port', { 'sec-fetch-site': 'same-site' }, 'Only the page'],
    ['no token', { [TOKEN_FIELD]: undefined }, 'key'],
    ['an empty token', { [TOKEN_FIELD]: '' }, 'key'],
    ['another token of the same length', { [TOKEN_FIELD]: 'A'.repeat(32) }, 'key'],
  ])('%s', async (_name, headers, why) => {
    const { ask } = playground();
    for (const path of Object.values(ROUTES)) {
      const reply = await ask(path, { headers, body: {} });
      expect(reply.status).toBe(403);
      expect(reply.text).toContain(why);
    }
  });

  test('the page itself, for a foreign Host or Origin', async () => {
    const { ask } = playground();
    const get = (headers: Record<string, string | undefined>): Promise<{ status: number }> =>
      ask('/', { method: 'GET', headers: { [TOKEN_FIELD]: undefined, origin: undefined, ...headers } });
    expect((await get({})).status).toBe(200);
    expect((await get({ host: 'attacker.example' })).status).toBe(403);
    expect((await get({ origin: 'http://attacker.example' })).status).toBe(403);
  });

  const others = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4');

  test.skipIf(others.length === 0)('requests to another address of this machine', async () => {
    const { port } = playground();
    for (const { address } of others) {
      const error = await new Promise((resolve) => {
        connect(port, address)
          .on('connect', () => {
            resolve('connected');
          })
          .on('error', resolve);
      });
      expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    }
  });
});

test('localhost is the same server, with a matching Origin', async () => {
  const { ask, port } = playground();
  const headers = { host: `localhost:${port}`, origin: `http://localhost:${port}` };
  expect((await ask(ROUTES.hello, { headers, body: {} })).status).toBe(200);
  expect((await ask(ROUTES.hello, { headers: { host: headers.host } })).status).toBe(403);
});

test('the token is generated at each start, and long enough', async () => {
  const one = playground();
  const other = await startPlayground();
  await other.close();
  expect(one.token).not.toBe(other.token);
  expect(one.token).toMatch(/^[\w-]{32}$/);
});

test('every response, even a refusal, has the security fields', async () => {
  const { ask } = playground();
  for (const path of ['/', '/missing', ROUTES.hello]) {
    for (const host of [undefined, 'attacker.example']) {
      const { headers } = await ask(path, host === undefined ? {} : { headers: { host } });
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'; require-trusted-types-for 'script'/,
      );
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  }
});

test.each([
  ['GET', ROUTES.hello, 405],
  ['OPTIONS', ROUTES.hello, 405],
  ['POST', '/', 405],
  ['GET', '/?a=query', 200],
  ['GET', '/missing', 404],
  ['GET', '/../../package.json', 404],
  ['GET', '/%2e%2e/package.json', 404],
  ['POST', '/api/toString', 404],
])('%s %s is %i', async (method, path, status) => {
  const { ask } = playground();
  expect((await ask(path, { method })).status).toBe(status);
});

test.each<[string, unknown, string]>([
  ['text that is not JSON', '{', 'not JSON'],
  ['too long a body', { bytes: 'x'.repeat(LIMITS.message), method: 'GET' }, 'more than'],
  ['too long a response', { bytes: 'x'.repeat(LIMITS.body + 1), method: 'GET' }, 'bytes: Invalid length'],
  ['a part that is missing', { method: 'GET' }, 'bytes: Invalid key'],
  ['a part of another type', { bytes: 1, method: 'GET' }, 'bytes: Invalid type'],
  ['another kind of message', 7, 'the message: Invalid type'],
  ['a character that is not a byte', { bytes: '€', method: 'GET' }, '€'],
])('%s is a bad request, with the reason', async (_name, body, why) => {
  const { ask } = playground();
  const reply = await ask(ROUTES.judge, { body });
  expect(reply.status).toBe(400);
  expect(reply.text).toContain(why);
});

test('an invalid method is refused by the connection, which is the verdict of every mode', async () => {
  const { ask } = playground();
  const reply = await ask(ROUTES.judge, { body: { bytes: '', method: 'G T' } });
  expect(reply.status).toBe(200);
  const verdicts = JSON.parse(reply.text) as Verdict[];
  expect(verdicts.length).toBeGreaterThan(2);
  for (const { error } of verdicts) expect(error?.name).toBe('TypeError');
});

test('a body of a type that other sites can send without a preflight request is refused', async () => {
  const { ask } = playground();
  const reply = await ask(ROUTES.hello, { headers: { 'content-type': 'text/plain' }, body: {} });
  expect(reply.status).toBe(400);
});

test('hello lists the servers, the transitions and the rules', async () => {
  const { ask, embedded } = playground();
  const hello = JSON.parse((await ask(ROUTES.hello, { body: {} })).text) as Hello;
  expect(hello.targets).toEqual(embedded.targets);
  expect(hello.transitions.Idle['putRequest']).toBe('Request-started');
  expect(hello.tolerances).toContain('bare-cr');
});

test('a port that is in use is an error', async () => {
  const { embedded, port } = playground();
  await expect(startServer(port, new Map(), embedded)).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
