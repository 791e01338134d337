import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { BYTES } from '../testing/bytes.js';
import { request, run, runShell, temporaryFolder, text } from '../testing/cli.js';
import { serve, serveRaw } from '../testing/servers.js';
import { openOutputFile } from './output-file.js';

/** Runs `work` where this folder cannot be written to, but what is in it can: root may write anywhere. */
async function asOther(folder: string, work: () => Promise<void>): Promise<void> {
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o666);
  chmodSync(folder, 0o555);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid!(65_534);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid!(0);
    chmodSync(folder, 0o755);
  }
}

describe('a file to write to', () => {
  const small: RequestListener = (_, response) => response.end('hello');

  test('it gets the body, and standard output the status line', async () => {
    const folder = temporaryFolder();
    const args = request('GET', await serve((_, response) => response.end(BYTES)), '-o', 'out');
    const result = await run(args, { cwd: folder });
    expect({ ...result, stdout: text(result) }).toEqual({
      code: 0,
      stderr: '',
      stdout: 'HTTP/1.1 200 OK\n\n',
    });
    expect(readdirSync(folder)).toEqual(['out']);
    expect(readFileSync(join(folder, 'out'))).toEqual(BYTES);
  });

  test('it is replaced, and a link to it stays a link', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'there'));
    writeFileSync(join(folder, 'there', 'old'), 'something longer than before');
    symlinkSync(join('there', 'old'), join(folder, 'link'));
    expect((await run(request('GET', await serve(small), '-o', 'link'), { cwd: folder })).code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['link', 'there']);
    expect(readdirSync(join(folder, 'there'))).toEqual(['old']);
    expect(readFileSync(join(folder, 'there', 'old'), 'latin1')).toBe('hello');
  });

  test('a file that is not regular is written to, not replaced', async () => {
    const result = await runShell(
      'mkfifo pipe && { cat pipe & "$@"; wait; }',
      request('GET', await serve(small), '-o', 'pipe'),
      {
        cwd: temporaryFolder(),
      },
    );
    expect(text(result)).toContain('hello');
    expect(result).toMatchObject({ code: 0, stderr: '' });
  });

  test('it gets its name only once it is complete', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'out'), 'the old one');
    const seen: string[] = [];
    const url = await serve((_, response) => {
      seen.push(readFileSync(join(folder, 'out'), 'latin1'), ...readdirSync(folder).sort());
      response.end('the new one');
    });
    expect((await run(request('GET', url, '-o', 'out'), { cwd: folder })).code).toBe(0);
    expect(seen).toEqual(['the old one', expect.stringMatching(/^http-client-[0-9a-f]{8}\.part$/), 'out']);
    expect(readdirSync(folder)).toEqual(['out']);
    expect(readFileSync(join(folder, 'out'), 'latin1')).toBe('the new one');
  });

  test('its name may be as long as the system allows', async () => {
    const folder = temporaryFolder();
    const name = 'x'.repeat(255);
    const result = await run(request('GET', await serve(small), '-o', name), { cwd: folder });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(folder)).toEqual([name]);
  });

  test('in a folder that cannot be written to, it is written to directly', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'out');
    writeFileSync(file, 'something longer than before');
    await asOther(folder, async () => {
      await expect(openOutputFile(join(folder, 'new'))).rejects.toThrow('permission denied');
      const sink = await openOutputFile(file);
      await sink.write(Buffer.from('hello'));
      await sink.end();
    });
    expect(readdirSync(folder)).toEqual(['out']);
    expect(readFileSync(file, 'latin1')).toBe('hello');
  });

  test.each([
    ['a truncated body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'],
    ['broken chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n'],
    ['a broken head', 'nonsense\r\n\r\n'],
    ['no answer', ''],
  ])('%s leaves neither a partial file nor anything else behind', async (_name, answer) => {
    const folder = temporaryFolder();
    const url = await serveRaw((socket) => socket.end(answer));
    const { code, stderr } = await run(request('GET', url, '-o', 'out'), { cwd: folder });
    expect(stderr).toMatch(/^http-client: .+\n$/);
    expect(code).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });
});
