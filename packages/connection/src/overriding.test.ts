import { InvalidURL } from '@http-client/errors';
import { describe, expect, test } from 'vitest';

import { HTTPConnection } from './connection.js';
import { scriptedTransport } from './testing.js';
import { text } from './testdata/stage.js';

/** A connection of a class, with the host; gives the bytes of one request. */
async function sent(
  Connection: typeof HTTPConnection,
  method: string,
  target: string,
  host = 'example.org',
): Promise<string> {
  const transport = scriptedTransport([]);
  const connection = new Connection(host, 80, { connector: transport.connector });
  connection.putRequest(method, target, { skipHost: true, skipAcceptEncoding: true });
  await connection.endHeaders();
  connection.close();
  return text(transport.written);
}

class AnyMethod extends HTTPConnection {
  protected override validateMethod(): void {
    // Whatever it is.
  }
}
class AnyTarget extends HTTPConnection {
  protected override validateTarget(): void {
    // Whatever it is.
  }
}
class AnyHost extends HTTPConnection {
  protected override validateHost(): void {
    // Whatever it is.
  }
}
class UTF8 extends HTTPConnection {
  protected override encodeRequestLine(line: string): Uint8Array {
    return new TextEncoder().encode(line);
  }
}

/** What most subclasses do: something of their own, and the rest as ever. */
class Marked extends HTTPConnection {
  protected override encodeRequestLine(line: string): Uint8Array {
    return super.encodeRequestLine(line.replace('/', '/marked/'));
  }
}

test('what is left to the class it extends is as ever', async () => {
  expect(await sent(Marked, 'GET', '/a')).toBe('GET /marked/a HTTP/1.1\r\n\r\n');
  await expect(sent(Marked, 'GET', '/☃')).rejects.toThrow(InvalidURL);
});

// Each of these is one of the reference's own tests.
describe('a subclass that replaces', () => {
  const rows: [
    name: string,
    Connection: typeof HTTPConnection,
    args: [string, string, string?],
    expected: string,
  ][] = [
    ['validateMethod', AnyMethod, ['GE\nT', '/'], 'GE\nT / HTTP/1.1\r\n\r\n'],
    ['validateTarget', AnyTarget, ['GET', '/a b\0'], 'GET /a b\0 HTTP/1.1\r\n\r\n'],
    ['validateHost', AnyHost, ['GET', '/', 'example.org\r\n'], 'GET / HTTP/1.1\r\n\r\n'],
    ['encodeRequestLine', UTF8, ['GET', '/☃'], 'GET /\xe2\x98\x83 HTTP/1.1\r\n\r\n'],
  ];
  test.each(rows)('%s alone gets round that check', async (_name, Connection, args, expected) => {
    expect(await sent(Connection, ...args)).toBe(expected);
  });

  test.each(rows)('%s: without that nothing is sent', async (_name, _Connection, args) => {
    await expect(sent(HTTPConnection, ...args)).rejects.toThrow(/^Cannot use /);
  });

  test.each([
    ['validateMethod', AnyMethod, '/a b'],
    ['validateTarget', AnyTarget, '/☃'],
    ['validateHost', AnyHost, '/\n'],
    ['encodeRequestLine', UTF8, '/ '],
  ])('%s gets round no other check', async (_name, Connection, target) => {
    await expect(sent(Connection, 'GET', target)).rejects.toThrow(InvalidURL);
  });
});
