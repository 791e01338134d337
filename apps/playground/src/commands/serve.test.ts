import { createInterface } from 'node:readline';
import { once } from 'node:events';

import { expect, test } from 'vitest';

import { run, start } from '../testing/cli.js';
import { serveRaw } from '../testing/servers.js';

/** Starts the command, and returns it with the address that it prints. */
async function startServe(...args: readonly string[]) {
  const running = start(['serve', ...args]);
  const [line] = (await once(createInterface(running.child.stdout), 'line')) as [string];
  return { ...running, line, address: new URL(/http:\S+/.exec(line)?.[0] ?? line) };
}

test('serves the built page at the address that it prints, until it is interrupted', async () => {
  const { child, ended, address } = await startServe('--port', '0');
  expect(address.hostname).toBe('127.0.0.1');
  expect(address.hash).toMatch(/^#key=[\w-]{32}$/);

  const page = await fetch(address);
  const html = await page.text();
  expect(html).toContain('<title>http-client playground</title>');
  // Everything that it refers to is served here.
  const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
  expect(parts.length).toBeGreaterThanOrEqual(3);
  for (const path of parts) expect([path, (await fetch(new URL(path, address))).status]).toEqual([path, 200]);
  // There is no inline script or style: the page's policy would not let it run.
  expect(html).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);

  child.kill('SIGINT');
  expect((await ended).code).toBe(0);
});

test('ends although a browser and a session are connected', async () => {
  const { child, ended, address } = await startServe('--port', '0');
  const response = await fetch(new URL('/api/sessions', address), {
    method: 'POST',
    headers: {
      origin: address.origin,
      'content-type': 'application/json',
      'x-playground-token': address.hash.replace('#key=', ''),
    },
    body: JSON.stringify({
      server: 'slow',
      proxy: '',
      strict: true,
      tolerate: [],
      trust: 'playground',
      timeout: 1000,
    }),
  });
  expect(response.status).toBe(200);
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
});

test('a port that is in use is named, with a way out', async () => {
  const { port } = new URL(await serveRaw(() => undefined));
  const { code, stderr } = await run(['serve', '--port', port]);
  expect(code).toBe(1);
  expect(stderr).toBe(
    `http-client: Cannot listen on port ${port}: it is in use; --port 0 takes a free one\n`,
  );
});

test.each(['x', '-1', '65536', '1.5', ''])('%j is not a port', async (port) => {
  const { code, stderr } = await run(['serve', `--port=${port}`]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^http-client: .*(expected a number from 0 to 65535|argument missing).*\n$/);
});
