import { createServer, type ServerResponse } from 'node:http';

import { expect, test } from 'vitest';

import { EventParser, serverEvents, type ServerEvent } from './events.js';
import { listen, listenAndDawdle, run, start } from './testdata/stage.js';

/** A server that answers each request with the next of these, the last one repeatedly; and the ids it received. */
async function stage(
  ...streams: ((response: ServerResponse) => void)[]
): Promise<{ url: string; ids: (string | undefined)[] }> {
  const ids: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const id = request.headers['last-event-id'] as string | undefined;
    ids.push(id === undefined ? undefined : Buffer.from(id, 'latin1').toString());
    const stream = streams.length > 1 ? streams.shift()! : streams[0]!;
    stream(response);
  });
  return { url: `http://127.0.0.1:${await listen(server)}/`, ids };
}

const events =
  (text: string, end: 'end' | 'break' | 'stay' = 'end') =>
  (response: ServerResponse): void => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    response.write(text, () => {
      if (end === 'end') response.end();
      if (end === 'break') response.destroy();
    });
  };
const over = (response: ServerResponse): void => {
  response.writeHead(204).end();
};

test('follows events across ends and interruptions, each once, until the server ends the stream', async () => {
  const { url, ids } = await stage(
    events('retry: 1\n\nid: 1\ndata: one\n\nid: 2\ndata: two\n\n'),
    // The third event is interrupted, and sent again.
    events('id: 3\ndata: thr', 'break'),
    (response) => response.writeHead(503).end(),
    events(': still here\n\nid: 3\nevent: news\ndata: three\ndata:  lines\n\nid: später\ndata: x\x1b[2J\n\n'),
    over,
  );
  const { code, stdout, stderr } = await run('events', [url]);
  expect(code).toBe(0);
  // Server data is printed escaped: it cannot control the terminal.
  expect(stdout.split('\n')).toEqual([
    '"message" "1" "one"',
    '"message" "2" "two"',
    '"news" "3" "three\\n lines"',
    '"message" "später" "x\\x1b[2J"',
    '',
  ]);
  expect(ids).toEqual([undefined, '2', '2', '2', 'später']);
  // The second stream is reset, which may be seen before or after its bytes.
  expect(stderr).toMatch(
    /^events: the stream ended; retrying in 1 ms\nevents: .+; retrying in 1 ms\nevents: the response is 503 "Service Unavailable"; retrying in 2 ms\nevents: the stream ended; retrying in 1 ms\n$/,
  );
});

test('waits longer after each failure, even if the server asks for no wait', async () => {
  const { url } = await stage(events('retry: 0\n\n'), (response) => response.writeHead(503).end());
  const waits: number[] = [];
  const controller = new AbortController();
  const onReconnect = (_: unknown, wait: number): void => {
    if (waits.push(wait) === 4) controller.abort();
  };
  const stream = serverEvents(new URL(url), { onReconnect, signal: controller.signal });
  expect(await stream.next()).toMatchObject({ done: true });
  expect(waits).toEqual([1, 1, 2, 4]);
});

test('continues after an event received earlier', async () => {
  const { url, ids } = await stage(over);
  expect(await run('events', [url, '41'])).toMatchObject({ code: 0, stdout: '' });
  expect(ids).toEqual(['41']);
});

test.each<[string, (response: ServerResponse) => void, RegExp]>([
  ['another type', (response) => response.setHeader('Content-Type', 'text/html').end(), /"text\/html"/],
  ['404', (response) => response.writeHead(404).end(), /the response is 404/],
  ['an endless line', events('data: '.padEnd(2_000_000, 'x'), 'stay'), /a line has more than 1048576 bytes/],
  ['an endless event', events(`data: ${'x'.repeat(1000)}\n`.repeat(2000), 'stay'), /an event has more than/],
])('fails for %s', async (_what, stream, said) => {
  const { url, ids } = await stage(stream);
  const { code, stderr } = await run('events', [url]);
  expect(code).toBe(1);
  expect(stderr).toMatch(said);
  expect(ids).toHaveLength(1);
});

test('Ctrl+C ends it while it waits for an event', async () => {
  const { url } = await stage(events('data: one\n\n', 'stay'));
  const { child, lines, ended } = start('events', [url]);
  expect(await lines.next()).toMatchObject({ value: '"message" "" "one"' });
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
});

test('leaving the loop closes the connection', async () => {
  let closed!: () => void;
  const gone = new Promise<void>((resolve) => (closed = resolve));
  const { url } = await stage((response) => {
    response.on('close', closed);
    events('data: one\n\ndata: two\n\n', 'stay')(response);
  });
  for await (const { data } of serverEvents(new URL(url))) {
    expect(data).toBe('one');
    break;
  }
  await gone;
});

test('a signal ends it, even if the stream can only end with the connection', async () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\n';
  const controller = new AbortController();
  const url = new URL(`http://127.0.0.1:${await listenAndDawdle(head)}/`);
  for await (const { data } of serverEvents(url, { signal: controller.signal })) {
    expect(data).toBe('one');
    setImmediate(() => {
      controller.abort();
    });
  }
});

// The examples of the HTML standard, section 9.2.6, and further cases from its algorithm.
test.each<[string, Partial<ServerEvent>[]]>([
  ['data: YHOO\ndata: +2\ndata: 10\n\n', [{ data: 'YHOO\n+2\n10' }]],
  [
    ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n',
    [
      { data: 'first event', id: '1' },
      { data: 'second event', id: '' },
      { data: ' third event', id: '' },
    ],
  ],
  ['data\n\ndata\ndata\n\ndata:\n', [{ data: '' }, { data: '\n' }]],
  ['data:test\n\ndata: test\n\n', [{ data: 'test' }, { data: 'test' }]],
  ['data: a\r\n\r\ndata: b\r\rdata: c\n\n', [{ data: 'a' }, { data: 'b' }, { data: 'c' }]],
  ['event: a\n\ndata: b\n\n', [{ type: 'message', data: 'b' }]],
  ['id: 1\0\ndata: a\n\n', [{ id: '', data: 'a' }]],
  ['id: 7\n\ndata: a\n\n', [{ id: '7', data: 'a' }]],
  ['other: 1\n: data: 2\nDATA: 3\ndata: a: b\n\n', [{ data: 'a: b' }]],
])('%j', (stream, expected) => {
  const parser = new EventParser('');
  const found: ServerEvent[] = [];
  for (const line of stream.split('\n').slice(0, -1)) found.push(...parser.line(line));
  expect(found).toHaveLength(expected.length);
  for (const [index, event] of expected.entries()) expect(found[index]).toMatchObject(event);
});
