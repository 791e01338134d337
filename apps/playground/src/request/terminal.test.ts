import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { hasTerminal, request, runOnTerminal, startOnTerminal, temporaryFolder } from '../testing/cli.js';
import { serve, serveRaw } from '../testing/servers.js';

describe.skipIf(!hasTerminal)('on a terminal', () => {
  const ESC = '\x1b';
  const long: RequestListener = (_, response) => response.end('x'.repeat(3_000_000));
  const short: RequestListener = (_, response) => response.end('short');

  test('text is shown with control characters escaped, and its last line is ended', async () => {
    const url = await serve((_, response) => response.end('one\r\n\ttwo \x1b[31mred\x07 \u202e'));
    const result = await runOnTerminal(request('GET', url));
    expect(result.stdout.toString()).toBe(
      'HTTP/1.1 200 OK\r\n\r\none\r\n\ttwo \\x1b[31mred\\x07 \\u{202e}\r\n',
    );
    expect(result.code).toBe(0);
  });

  test('the charset of the response is used', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain; charset=iso-8859-1' });
      response.end(Buffer.from('Gr\xfc\xdfe', 'latin1'));
    });
    expect((await runOnTerminal(request('GET', url))).stdout.toString()).toContain('Grüße');
  });

  test('a long body that is written to a file has a progress bar, which disappears', async () => {
    const folder = temporaryFolder();
    const result = await runOnTerminal(request('GET', await serve(long), '-o', 'out'), '', { cwd: folder });
    expect(result.stdout.toString()).toMatch(/receiving \[.*\] *\d+% of 3,000,000 bytes/);
    // The cursor is shown again, and only escape sequences follow.
    const [, after] = result.stdout.toString().split(`${ESC}[?25h`);
    expect(after).toMatch(new RegExp(`^(?:${ESC}\\[[\\d?;]*[A-Za-z]|${ESC}[78])*$`));
    expect(readFileSync(join(folder, 'out'))).toHaveLength(3_000_000);
  });

  test('Ctrl-C removes the bar, too', async () => {
    const folder = temporaryFolder();
    const url = await serveRaw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n${'x'.repeat(2_000_000)}`);
    });
    const { child, ended } = startOnTerminal(request('GET', url, '-o', 'out'), '', { cwd: folder });
    let seen = '';
    child.stdout.on('data', (block: Buffer) => {
      if (seen.includes('receiving')) return;
      seen += block.toString();
      if (seen.includes('receiving')) child.stdin.write('\x03');
    });
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(stdout.lastIndexOf(`${ESC}[?25h`)).toBeGreaterThan(stdout.lastIndexOf('receiving'));
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a long upload has a progress bar', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'in'), Buffer.alloc(3_000_000));
    const url = await serve((message, response) => {
      message.resume().on('end', () => response.end('got it'));
    });
    const result = await runOnTerminal(request('PUT', url, '-d', '@in'), '> out', { cwd: folder });
    expect(result.stdout.toString()).toMatch(/sending \[.*\] *\d+% of 3,000,000 bytes/);
    expect(readFileSync(join(folder, 'out'), 'latin1')).toBe('HTTP/1.1 200 OK\n\ngot it');
  });

  test.each<[string, RequestListener, string[], string, Record<string, string>?]>([
    ['a terminal without escape sequences', long, ['-o', 'out'], '', { TERM: 'dumb' }],
    ['a short body', short, ['-o', 'out'], ''],
    ['a body that goes to the terminal itself', long, [], ''],
    ['standard error elsewhere', long, ['-o', 'out'], '2> errors'],
  ])('%s has none', async (_name, listener, args, redirection, env = {}) => {
    const folder = temporaryFolder();
    const result = await runOnTerminal(request('GET', await serve(listener), ...args), redirection, {
      cwd: folder,
      env,
    });
    expect(result.code).toBe(0);
    expect(result.stdout.toString()).not.toContain('receiving');
    expect(result.stdout.toString()).not.toContain(ESC);
    if (redirection !== '') expect(readFileSync(join(folder, 'errors'), 'latin1')).toBe('');
  });
});
