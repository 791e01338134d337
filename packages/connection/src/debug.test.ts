import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';

import { encodeLatin1, joined } from '@http-client/io';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { HTTPConnection, type RequestOptions } from './index.js';
import { afterRequest, END, scriptedConnector, scriptedTransport } from './testing.js';
import { answer, fetched, head, outcome, stage, type Script } from './testdata/stage.js';

/** Captures what is printed to standard output: each call of console.log is a line. */
function printed(): string[] {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...args: unknown[]) => {
    // With a single argument, nothing in it is interpreted as a format.
    expect(args).toHaveLength(1);
    lines.push(String(args[0]));
  });
  onTestFinished(() => {
    log.mockRestore();
  });
  return lines;
}

const sent = (text: string): string => `send: '${text}Host: example.org\\r\\nAccept-Encoding: identity\\r\\n`;

describe('debugLevel', () => {
  // As printed by Python 3.13, except for the b before bytes and the escapes in the field lines.
  const rows: [name: string, method: string, request: RequestOptions, script: Script, lines: string[]][] = [
    [
      'a response with fields',
      'GET',
      {},
      [head('Content-Length: 2', 'X: a  b', 'X: \xe9"%s%%'), 'ok'],
      [
        `${sent('GET / HTTP/1.1\\r\\n')}\\r\\n'`,
        "reply: 'HTTP/1.1 200 OK\\r\\n'",
        'header: Content-Length: 2',
        'header: X: a  b',
        'header: X: \\xe9"%s%%',
      ],
    ],
    [
      'a body in memory',
      'POST',
      { body: encodeLatin1('h"i\'\\\x00\xff\n\x1b[2J%d') },
      answer(''),
      [
        `${sent('POST / HTTP/1.1\\r\\n')}Content-Length: 14\\r\\n\\r\\n'`,
        "send: 'h\"i\\'\\\\\\x00\\xff\\n\\x1b[2J%d'",
        "reply: 'HTTP/1.1 200 OK\\r\\n'",
        'header: Content-Length: 0',
      ],
    ],
    [
      'a body in blocks',
      'PUT',
      { body: ['one', '', 'two'] },
      answer(''),
      [
        `${sent('PUT / HTTP/1.1\\r\\n')}Transfer-Encoding: chunked\\r\\n\\r\\n'`,
        "send: '3\\r\\none\\r\\n'",
        "send: '3\\r\\ntwo\\r\\n'",
        "send: '0\\r\\n\\r\\n'",
        "reply: 'HTTP/1.1 200 OK\\r\\n'",
        'header: Content-Length: 0',
      ],
    ],
    [
      'an interim response, and lines ending in LF',
      'GET',
      {},
      'HTTP/1.1 103 Early Hints\r\nA: 1\r\n\r\nHTTP/1.0 204\nB: 2\n\n',
      [
        `${sent('GET / HTTP/1.1\\r\\n')}\\r\\n'`,
        "reply: 'HTTP/1.1 103 Early Hints\\r\\n'",
        'header: A: 1',
        "reply: 'HTTP/1.0 204\\n'",
        'header: B: 2',
      ],
    ],
  ];

  test.each(rows)('%s', async (_, method, request, script, lines) => {
    const output = printed();
    const { response } = await fetched(script, { method, request, debugLevel: 1 });
    expect(response.debugLevel).toBe(1);
    await response.read();
    expect(output).toEqual(lines);
  });

  test('prints nothing at 0, and may be set at any time', async () => {
    const output = printed();
    const script = [answer('1'), afterRequest(), answer('2'), afterRequest(), answer('3')];
    const { connection } = stage([script]);
    const counts: number[] = [];
    for (const level of [0, 2, 0]) {
      connection.setDebugLevel(level);
      expect(connection.debugLevel).toBe(level);
      await connection.request('GET', '/');
      await (await connection.getResponse()).read();
      counts.push(output.length);
    }
    expect(counts).toEqual([0, 3, 3]);
  });

  test('the steps of a request are printed as they are sent', async () => {
    const output = printed();
    const { connection } = stage([[]], { debugLevel: 1 });
    connection.putRequest('POST', '/');
    connection.putHeader('A', '1', '2');
    connection.putHeader('Content-Length', 3);
    expect(output).toEqual([]);
    await connection.endHeaders();
    await connection.send('a');
    await connection.send(['b', 'c']);
    expect(output).toEqual([
      `${sent('POST / HTTP/1.1\\r\\n')}A: 1\\r\\n\\t2\\r\\nContent-Length: 3\\r\\n\\r\\n'`,
      "send: 'a'",
      "send: 'b'",
      "send: 'c'",
    ]);
  });

  const every = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

  test.each<[string, (byte: string) => string]>([
    ['the status line', (byte) => `HTTP/1.1 200 a${byte}b\r\nContent-Length: 0\r\n\r\n`],
    ['a name', (byte) => head(`A${byte}B: c`, 'Content-Length: 0')],
    ['a value', (byte) => head(`A: b${byte}c`, 'Content-Length: 0')],
    ['an interim response', (byte) => `HTTP/1.1 100 ${byte}\r\nA${byte}: ${byte}\r\n\r\n${answer('')}`],
  ])('no control character from the peer reaches the output: in %s', async (_, script) => {
    const output = printed();
    for (const strict of [true, false]) {
      for (const byte of every) {
        const { connection } = stage([[script(byte), END]], { debugLevel: 1, strict });
        await connection.request('GET', '/');
        await outcome(connection.getResponse());
        connection.close();
      }
    }
    expect(output.length).toBeGreaterThan(every.length);
    expect(output.filter((line) => !/^(send|reply|header): [ -~]*$/.test(line))).toEqual([]);
  });
});

describe('diagnostics', () => {
  interface Message {
    connection: unknown;
    host?: string;
    port?: number;
    data?: Uint8Array;
  }
  const CHANNELS = ['http.client.connect', 'http.client.send'];

  function listening(name: string): Message[] {
    const messages: Message[] = [];
    const listener = (message: unknown, told: string | symbol): void => {
      expect(told).toBe(name);
      messages.push(message as Message);
    };
    subscribe(name, listener);
    onTestFinished(() => {
      unsubscribe(name, listener);
    });
    return messages;
  }

  test('http.client.connect: each attempt to connect, in advance', async () => {
    const messages = listening('http.client.connect');
    const before: number[] = [];
    const connector = scriptedConnector([new Error('no'), scriptedTransport([]), scriptedTransport([])]);
    const connection = new HTTPConnection('[::1]:8080', undefined, {
      connector: (target) => {
        before.push(messages.length);
        return connector(target);
      },
    });
    expect(messages).toEqual([]);
    await expect(connection.connect()).rejects.toThrow('no');
    await connection.connect();
    await connection.connect();
    connection.close();
    await connection.request('GET', '/');
    expect(messages).toEqual([1, 2, 3].map(() => ({ connection, host: '::1', port: 8080 })));
    expect(messages.every((message) => message.connection === connection)).toBe(true);
    expect(before).toEqual([1, 2, 3]);
  });

  test.each<[string, RequestOptions]>([
    ['no body', {}],
    ['text', { body: 'h\xe9llo' }],
    ['bytes', { body: new Uint8Array(100_000).fill(0x61) }],
    ['a view', { body: new DataView(new ArrayBuffer(10), 2, 3) }],
    ['blocks', { body: ['one', '', 'two'] }],
    ['trailers', { body: ['one'], trailers: () => ({ A: '1' }) }],
    ['a file object', { body: { read: vi.fn().mockReturnValueOnce('text').mockReturnValue(null) } }],
  ])('http.client.send: the bytes sent: %s', async (_, request) => {
    const messages = listening('http.client.send');
    const { connection, transports } = stage([answer('')]);
    await connection.request('POST', '/', request);
    expect(messages.every((message) => message.connection === connection)).toBe(true);
    expect(messages.every(({ data }) => data instanceof Uint8Array)).toBe(true);
    const data = joined(...messages.map((message) => message.data!));
    expect(Buffer.compare(data, transports[0]!.written)).toBe(0);
  });

  test('a listener that modifies its data does not modify what is sent', async () => {
    const messages = listening('http.client.send');
    const spoil = (message: unknown): void => {
      (message as Message).data!.fill(0);
    };
    subscribe('http.client.send', spoil);
    onTestFinished(() => {
      unsubscribe('http.client.send', spoil);
    });
    const body = encodeLatin1('hello');
    const { connection, transports } = stage([answer('')]);
    await connection.request('POST', '/', { body });
    expect(messages.length).toBeGreaterThan(0);
    expect(transports[0]!.writtenText).toMatch(/^POST .*\r\n\r\nhello$/s);
    expect(body).toEqual(encodeLatin1('hello'));
  });

  test('nothing is published while nobody listens', async () => {
    const spies = CHANNELS.map((name) => vi.spyOn(channel(name), 'publish'));
    onTestFinished(() => {
      for (const spy of spies) spy.mockRestore();
    });
    const { connection } = stage([[answer('1'), afterRequest(), answer('2')]]);
    await connection.request('POST', '/', { body: ['a', 'b'] });
    await (await connection.getResponse()).read();
    expect(CHANNELS.map((name) => channel(name).hasSubscribers)).toEqual([false, false]);
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });

  test('nothing is published to listeners that unsubscribed', async () => {
    const { connection } = stage([[answer('1'), afterRequest(), answer('2')]]);
    const messages: unknown[] = [];
    const listener = (message: unknown): void => {
      messages.push(message);
    };
    subscribe('http.client.send', listener);
    await connection.request('POST', '/', { body: 'a' });
    await (await connection.getResponse()).read();
    unsubscribe('http.client.send', listener);
    await connection.request('POST', '/', { body: 'a' });
    expect(messages).toHaveLength(1);
  });
});
