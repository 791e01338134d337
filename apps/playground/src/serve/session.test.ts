import { describe, expect, test } from 'vitest';

import { errorOf, EXCHANGE, usePlayground } from '../testing/playground.js';
import { serveRaw } from '../testing/servers.js';
import { ROUTES, type Call } from './api.js';

const playground = usePlayground();

const names = (wire: readonly { direction: string; part: string }[]): string[] =>
  wire.map(({ direction, part }) => `${direction} ${part}`);

test('step by step: each call, its result, and the state of the connection', async () => {
  const session = await playground().open({ server: 'plain' });
  const steps: [Call, string][] = [
    [{ call: 'putRequest', method: 'POST', target: '/path' }, 'Request-started'],
    [{ call: 'putHeader', name: 'Content-Length', value: '5' }, 'Request-started'],
    [{ call: 'endHeaders' }, 'Request-sent'],
    [{ call: 'send', data: 'hello' }, 'Request-sent'],
    [{ call: 'getResponse' }, 'Unread-response'],
    [{ call: 'read', amount: 5 }, 'Unread-response'],
    [{ call: 'putRequest', method: 'GET', target: '/next' }, 'Request-started-unread-response'],
    [{ call: 'endHeaders' }, 'Request-sent-unread-response'],
    [{ call: 'read' }, 'Request-sent'],
    [{ call: 'getResponse' }, 'Unread-response'],
    [{ call: 'close' }, 'Idle'],
  ];
  for (const [call, state] of steps) {
    expect(await session.call(call)).toMatchObject({ ok: true });
    expect([call.call, session.view?.state]).toEqual([call.call, state]);
  }
  expect(session.records.filter(({ outcome }) => outcome !== undefined).map(({ code }) => code)).toEqual([
    "connection.putRequest('POST', '/path')",
    "connection.putHeader('Content-Length', '5')",
    'connection.endHeaders()',
    "connection.send('hello')",
    'connection.getResponse()',
    'response.read(5)',
    "connection.putRequest('GET', '/next')",
    'connection.endHeaders()',
    'response.read()',
    'connection.getResponse()',
    'connection.close()',
  ]);
});

test('every byte of an exchange, labelled', async () => {
  const session = await playground().open({ server: 'trailers' });
  await session.calls(...EXCHANGE);
  expect(names(session.wire).filter((name) => !name.endsWith('header'))).toEqual([
    'sent request-line',
    'sent blank-line',
    'received status-line',
    'received blank-line',
    ...Array.from({ length: 2 }, () => [
      'received chunk-size',
      'received chunk-data',
      'received chunk-end',
    ]).flat(),
    'received chunk-size',
    'received trailer',
    'received trailer',
    'received blank-line',
  ]);
  const received = session.wire.filter(({ direction }) => direction === 'received').map(({ data }) => data);
  expect(received.join('')).toMatch(
    /^HTTP\/1\.1 200 OK\r\n.*\r\n0\r\nX-Lines: 2\r\nServer-Timing: total;dur=12\r\n\r\n$/s,
  );
  expect(session.view?.response?.trailers).toEqual([
    ['X-Lines', '2'],
    ['Server-Timing', 'total;dur=12'],
  ]);
});

describe('what each test server shows', () => {
  test.each<[string, number, string]>([
    ['plain', 200, 'You asked for GET /'],
    ['chunked', 200, 'A body in chunks:'],
    ['trailers', 200, 'What is known only'],
    ['early-hints', 200, 'The hints came before'],
    ['slow', 200, 'It takes\nits time,'],
    ['early-413', 413, 'Too much'],
    ['poisoned', 200, 'This is the response.'],
    ['folded', 200, 'ok'],
    ['length-and-chunked', 200, 'hello'],
    ['script', 200, '<script>'],
    ['tls', 200, 'You asked for GET /'],
  ])('%s', async (server, status, text) => {
    const session = await playground().open({ server });
    expect(await session.calls(...EXCHANGE)).toMatchObject({ ok: true });
    expect(session.view?.response).toMatchObject({ status, body: expect.stringContaining(text) as string });
  });

  test.each([
    'plain',
    'chunked',
    'trailers',
    'early-hints',
    'slow',
    'continue',
    'early-413',
    'poisoned',
    'tls',
  ])('%s responds to HEAD, too', async (server) => {
    const session = await playground().open({ server });
    const [, ...rest] = EXCHANGE;
    const head: Call = { call: 'request', method: 'HEAD', target: '/', headers: [] };
    expect(await session.calls(head, ...rest)).toMatchObject({ ok: true });
    expect(session.view?.response).toMatchObject({ body: '' });
  });

  test.each<[string, string]>([
    ['truncated', 'IncompleteRead'],
    ['conflicting-lengths', 'InvalidHeader'],
    ['space-before-colon', 'InvalidHeader'],
    ['no-colon', 'InvalidHeader'],
    ['bare-cr', 'InvalidHeader'],
    ['odd-chunk-size', 'InvalidChunk'],
    ['unterminated-chunk', 'InvalidChunk'],
    ['lf-chunks', 'InvalidChunk'],
  ])('%s is rejected', async (server, error) => {
    const session = await playground().open({ server });
    expect(errorOf(await session.calls(...EXCHANGE))).toBe(error);
  });

  test.each([
    ['tls-expired', 'CERT_HAS_EXPIRED'],
    ['tls-other-name', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['tls-self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ])('%s is trusted only if anybody is', async (server, code) => {
    const session = await playground().open({ server });
    expect(await session.calls(...EXCHANGE)).toMatchObject({
      ok: false,
      error: { code, delivery: 'unsent' },
    });
    const credulous = await playground().open({ server, trust: 'anybody' });
    expect(await credulous.calls(...EXCHANGE)).toMatchObject({ ok: true });
  });

  test('tls is not trusted by the platform’s authorities', async () => {
    const session = await playground().open({ server: 'tls', trust: 'platform' });
    expect(await session.calls(...EXCHANGE)).toMatchObject({ ok: false });
  });

  test('early hints are kept', async () => {
    const session = await playground().open({ server: 'early-hints' });
    await session.calls(...EXCHANGE);
    expect(session.view?.response?.informational).toMatchObject([{ status: 103 }]);
  });

  test('obsolete line folding is listed as a violation', async () => {
    const session = await playground().open({ server: 'folded' });
    await session.calls(...EXCHANGE);
    expect(session.view?.response?.violations).toMatchObject([{ rule: 'obsolete-fold' }]);
  });

  test('a second response after the first is never taken for the next one', async () => {
    const session = await playground().open({ server: 'poisoned' });
    for (let turn = 0; turn < 2; turn++) {
      expect(await session.calls(...EXCHANGE)).toMatchObject({ ok: true });
      expect(session.view?.response?.headers.map(([name]) => name)).not.toContain('X-Poison');
    }
    expect(names(session.wire)).toContain('received excess');
  });

  test('the body waits for 100 (Continue)', async () => {
    const session = await playground().open({ server: 'continue' });
    const headers: [string, string][] = [['Expect', '100-continue']];
    await session.call({ call: 'request', method: 'POST', target: '/', headers, body: 'the body' });
    const order = names(session.wire);
    expect(order.indexOf('received status-line')).toBeLessThan(order.indexOf('sent body'));
  });

  test('the proxy requires credentials, and then opens a tunnel', async () => {
    const session = await playground().open({ server: 'tls', proxy: 'proxy' });
    expect(await session.calls(...EXCHANGE)).toMatchObject({ ok: true });
    const said = session.wire.filter(({ part }) => part.endsWith('-line') && part !== 'blank-line');
    expect(said.map(({ tunnel, data }) => `${tunnel ? 'tunnel' : ''} ${data.slice(0, 12)}`)).toEqual([
      'tunnel CONNECT 127.',
      'tunnel HTTP/1.1 407',
      'tunnel CONNECT 127.',
      'tunnel HTTP/1.1 200',
      ' GET / HTTP/1',
      ' HTTP/1.1 200',
    ]);
    const { timing = [] } = session.view ?? {};
    expect(timing.map(({ name }) => name)).toEqual(['connect', 'tunnel', 'TLS', 'send', 'wait', 'body']);
    for (const { start, end } of timing) expect(end).toBeGreaterThanOrEqual(start);
  });

  test.each([
    ['Basic realm="x"', 2],
    ['Negotiate, bASIC realm="x"', 2],
    ['Digest realm="basic"', 1],
  ])('credentials are sent to a proxy once, if it asks for %s', async (challenge, connects) => {
    const refusal = `HTTP/1.1 407 Who\r\nProxy-Authenticate: ${challenge}\r\nContent-Length: 0\r\n\r\n`;
    const url = await serveRaw((socket) => {
      socket.write(refusal);
      socket.on('data', () => socket.write(refusal)).resume();
    });
    const proxy = url.replace('://', '://user:wrong@');
    const session = await playground().open({ server: 'plain', proxy });
    expect(errorOf(await session.calls(...EXCHANGE))).toBe('TunnelError');
    expect(session.wire.filter(({ part }) => part === 'request-line')).toHaveLength(connects);
    expect(session.wire.filter(({ data }) => data.includes('Proxy-Authorization'))).toHaveLength(
      connects - 1,
    );
  });

  test('the proxy opens no tunnel without credentials', async () => {
    const proxy = playground()
      .embedded.find('proxy')!
      .url.replace(/user:[^@]*@/, '');
    const session = await playground().open({ server: 'plain', proxy });
    expect(errorOf(await session.calls(...EXCHANGE))).toBe('TunnelError');
  });
});

test('rules are tolerated one by one, or all at once', async () => {
  for (const settings of [{ tolerate: ['conflicting-content-length'] }, { strict: false }]) {
    const session = await playground().open({ server: 'conflicting-lengths', ...settings });
    await session.calls(...EXCHANGE);
    expect(session.view?.response?.body).toBe('hello');
  }
});

test('what lenient parsing skipped is listed, in the head and in the trailers', async () => {
  const server = await serveRaw((socket) => {
    socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA B: 1\r\n\r\n0\r\nC D: 2\r\n\r\n');
  });
  const session = await playground().open({ server, strict: false });
  await session.calls(...EXCHANGE);
  expect(session.view?.response?.defects.map(({ line }) => line)).toEqual(['A B: 1', 'C D: 2']);
});

test('a call out of order is an error, and changes nothing', async () => {
  const session = await playground().open({});
  expect(errorOf(await session.call({ call: 'endHeaders' }))).toBe('CannotSendHeader');
  expect(errorOf(await session.call({ call: 'getResponse' }))).toBe('ResponseNotReady');
  expect(errorOf(await session.call({ call: 'read' }))).toBe('TypeError');
  expect(session.view?.state).toBe('Idle');
});

test('what cannot be sent is the error of the call', async () => {
  const session = await playground().open({});
  expect(errorOf(await session.call({ call: 'putRequest', method: 'GET', target: '/ x' }))).toBe(
    'InvalidURL',
  );
  await session.call({ call: 'putRequest', method: 'GET', target: '/' });
  expect(errorOf(await session.call({ call: 'putHeader', name: 'X', value: 'a\r\nY: b' }))).toBe('TypeError');
});

test('a server that cannot be reached is the error of the call', async () => {
  const session = await playground().open({ server: 'http://127.0.0.1:1' });
  expect(await session.calls(...EXCHANGE)).toMatchObject({ ok: false, error: { code: 'ECONNREFUSED' } });
});

test.each([
  [{ server: 'nowhere' }, 'as a server'],
  [{ server: 'http://me:secret@h' }, 'are not sent; an Authorization field is'],
  [{ server: 'ftp://example.org' }, 'ftp'],
  [{ proxy: 'nowhere' }, 'proxy'],
  [{ tolerate: ['everything'] }, 'no such rule'],
])('invalid settings are refused: %j', async (settings, why) => {
  const { ask } = playground();
  const body = {
    server: 'plain',
    proxy: '',
    strict: true,
    tolerate: [],
    trust: 'platform',
    timeout: 1000,
    ...settings,
  };
  const reply = await ask(ROUTES.sessions, { body });
  expect(reply.status).toBe(400);
  expect(reply.text).toContain(why);
});

test('close ends a waiting call', async () => {
  const session = await playground().open({ server: await serveRaw(() => undefined) });
  await session.call({ call: 'request', method: 'GET', target: '/', headers: [] });
  const waiting = session.call({ call: 'getResponse' });
  await session.told((update) => update.type === 'call' && update.record.call === 'getResponse');
  await session.call({ call: 'close' });
  expect(errorOf(await waiting)).toBe('HTTPException');
});
