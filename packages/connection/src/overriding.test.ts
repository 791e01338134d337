import { InvalidURL } from '@http-client/errors';
import { describe, expect, test } from 'vitest';

import { HTTPConnection } from './connection.js';
import type { HTTPConnectionOptions } from './options.js';
import { scriptedTransport } from './testing.js';
import { text } from './testdata/stage.js';

/** Creates a connection of a class, with the host. Returns the bytes of one request. */
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
    // Accepts anything.
  }
}
class AnyTarget extends HTTPConnection {
  protected override validateTarget(): void {
    // Accepts anything.
  }
}
class AnyHost extends HTTPConnection {
  protected override validateHost(): void {
    // Accepts anything.
  }
}
class UTF8 extends HTTPConnection {
  protected override encodeRequestLine(line: string): Uint8Array {
    return new TextEncoder().encode(line);
  }
}

/** What most subclasses do: something of their own, and otherwise the default. */
class Marked extends HTTPConnection {
  protected override encodeRequestLine(line: string): Uint8Array {
    return super.encodeRequestLine(line.replace('/', '/marked/'));
  }
}

test('what a subclass leaves to its base class is unchanged', async () => {
  expect(await sent(Marked, 'GET', '/a')).toBe('GET /marked/a HTTP/1.1\r\n\r\n');
  await expect(sent(Marked, 'GET', '/☃')).rejects.toThrow(InvalidURL);
});

// Each of these corresponds to one of the reference's own tests.
describe('a subclass that overrides', () => {
  const rows: [
    name: string,
    Connection: typeof HTTPConnection,
    args: [string, string, string?],
    expected: string,
    error: new (...args: never) => Error,
  ][] = [
    ['validateMethod', AnyMethod, ['GE\nT', '/'], 'GE\nT / HTTP/1.1\r\n\r\n', TypeError],
    ['validateTarget', AnyTarget, ['GET', '/a b\0'], 'GET /a b\0 HTTP/1.1\r\n\r\n', InvalidURL],
    ['validateHost', AnyHost, ['GET', '/', 'example.org\r\n'], 'GET / HTTP/1.1\r\n\r\n', InvalidURL],
    ['encodeRequestLine', UTF8, ['GET', '/☃'], 'GET /\xe2\x98\x83 HTTP/1.1\r\n\r\n', InvalidURL],
  ];
  test.each(rows)('%s bypasses only that check', async (_name, Connection, args, expected) => {
    expect(await sent(Connection, ...args)).toBe(expected);
  });

  test.each(rows)('%s: without the override it is rejected', async (_name, _Connection, args, _, error) => {
    await expect(sent(HTTPConnection, ...args)).rejects.toThrow(error);
  });

  test.each([
    ['validateMethod', AnyMethod, 'GET', '/a b'],
    // As ISO-8859-1 it would be a line ending.
    ['validateMethod', AnyMethod, 'GET\u0080', '/'],
    ['validateMethod', AnyMethod, 'GET\u010a', '/'],
    ['validateTarget', AnyTarget, 'GET', '/☃'],
    ['validateHost', AnyHost, 'GET', '/\n'],
    ['encodeRequestLine', UTF8, 'GET', '/ '],
  ])('%s bypasses no other check', async (_name, Connection, method, target) => {
    await expect(sent(Connection, method, target)).rejects.toThrow(InvalidURL);
  });
});

test('a subclass adds options of its own by optionNames; others are still rejected', () => {
  type Names = Readonly<Record<keyof HTTPConnectionOptions, unknown>>;
  class Named extends HTTPConnection {
    readonly agent: string | undefined;
    constructor(host: string, options: HTTPConnectionOptions & { agent?: string }) {
      super(host, 80, options);
      this.agent = options.agent;
    }
    protected override optionNames(names: Names): Names & { readonly agent: unknown } {
      return { ...names, agent: true };
    }
  }
  expect(new Named('example.org', { agent: 'a', timeout: 1 })).toMatchObject({ agent: 'a', timeout: 1 });
  const misspelt = { agnet: 'a' };
  expect(() => new Named('example.org', misspelt as object)).toThrow(
    /^Cannot use "agnet" as an option of a connection: .* agent$/,
  );
});
