import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { temporaryFolder } from '../testing/cli.js';
import { historyPath, prepareHistory } from './history.js';

test.each([
  [{}, '/home/me/.local/state/http-client/repl-history'],
  [{ XDG_STATE_HOME: '/state' }, '/state/http-client/repl-history'],
  [{ XDG_STATE_HOME: '' }, '/home/me/.local/state/http-client/repl-history'],
  [{ XDG_STATE_HOME: 'relative' }, '/home/me/.local/state/http-client/repl-history'],
  [{ XDG_STATE_HOME: '/state', HTTP_CLIENT_HISTORY: 'own' }, 'own'],
  [{ HTTP_CLIENT_HISTORY: '' }, undefined],
])('%j', (env, path) => {
  expect(historyPath(env, '/home/me')).toBe(path);
});

test('a file is created with its folders, only for its user, and keeps what it contains', async () => {
  const path = join(temporaryFolder(), 'a', 'b', 'history');
  expect(await prepareHistory(path)).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  writeFileSync(path, 'line');
  expect(await prepareHistory(path)).toBe(true);
  expect(statSync(path).size).toBe(4);
});

test.each([
  ['a folder', (folder: string) => folder],
  ['a file in a file', (folder: string) => join(folder, 'file', 'history')],
  ['a device', () => '/dev/null'],
  ['a name that cannot be', (folder: string) => join(folder, 'x'.repeat(300))],
])('%s is not used', async (_name, choose) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  expect(await prepareHistory(choose(folder))).toBe(false);
});
