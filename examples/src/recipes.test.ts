import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { run } from './testdata/stage.js';

const SOURCES = new URL('.', import.meta.url);
const RECIPES = readdirSync(SOURCES)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => file.slice(0, -'.ts'.length));

test('README.md names each recipe once, with its command', () => {
  const readme = readFileSync(new URL('../README.md', SOURCES), 'utf8');
  const rows = readme.split('\n').filter((line) => line.startsWith('| ['));
  const named = rows.map((row) => /^\| \[(.+)\]\(src\/\1\.ts\) .*\| `\1\.js .*` +\|$/.exec(row)?.[1]);
  expect(named.sort()).toEqual(RECIPES);
});

test.each(RECIPES)('%s is self-contained: it imports only Node and the client', (recipe) => {
  const source = readFileSync(new URL(`${recipe}.ts`, SOURCES), 'utf8');
  const imported = [...source.matchAll(/^(?:import|} from) .*'(.+)';$/gm)].map(([, module]) => module!);
  expect(imported).toContain('@http-client/client');
  expect(
    imported.filter((module) => !module.startsWith('node:') && module !== '@http-client/client'),
  ).toEqual([]);
});

// Only docker has a default address.
test.each(RECIPES.filter((recipe) => recipe !== 'docker'))('%s prints its usage', async (recipe) => {
  const { code, stdout, stderr } = await run(recipe, []);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(new RegExp(`^usage: ${recipe} .+\n$`));
});

test.each([
  ['poll', '--every', 'x'],
  ['poll', '--every', '2147483648'],
  ['poll', '--count', 'x'],
  ['poll', '--count', '0'],
  ['health', '--within', 'x'],
  ['health', '--within', '0'],
  ['health', '--within', '2147483648'],
  ['pool', '--requests', 'x'],
  ['pool', '--requests', '0'],
  ['pool', '--size', '0'],
  ['service', '--within', 'x'],
  ['service', '--within', '2147483648'],
])('%s prints its usage where %s is %j', async (recipe, option, value) => {
  const { code, stdout, stderr } = await run(recipe, ['http://127.0.0.1:1/', option, value]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(new RegExp(`^usage: ${recipe} .+\n$`));
});

test.each([
  ['poll', ['--every']],
  ['health', ['--within']],
  ['pool', ['--sizes', '1']],
  ['service', ['--body']],
  ['gateway', ['--port']],
  ['docker', ['--folow']],
])('%s says what is wrong with %j', async (recipe, options) => {
  const { code, stdout, stderr } = await run(recipe, options);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(new RegExp(`^${recipe}: .*${options[0]!}`));
});

const SCRIPT = fileURLToPath(import.meta.url);

/** The arguments of each recipe for the URL of a server. */
const GIVEN: Readonly<Record<string, (url: string) => string[]>> = {
  download: (url) => [url, 'file'],
  upload: (url) => [SCRIPT, url],
  websocket: (url) => [url, 'message'],
  events: (url) => [url],
  poll: (url) => [url],
  health: (url) => [url],
  gateway: (url) => [url],
  pool: (url) => [url],
  redirect: (url) => [url],
  service: (url) => [url],
  webhook: (url) => [url, '{}'],
};

test.each(Object.keys(GIVEN).flatMap((recipe) => ['ftp://h/', 'h', 'h:80', ''].map((url) => [recipe, url])))(
  '%s refuses the URL %j',
  async (recipe, url) => {
    const [plain, secure] = recipe === 'websocket' ? ['ws', 'wss'] : ['http', 'https'];
    expect(await run(recipe, GIVEN[recipe]!(url))).toEqual({
      code: 1,
      stdout: '',
      stderr: `${recipe}: Cannot use "${url}" as a URL: expected ${plain}://HOST/ or ${secure}://HOST/\n`,
    });
  },
);

test.each([
  ['proxy', ['me:secret@proxy', 'http://h/']],
  ['server', ['http://proxy/', 'me:secret@h']],
])('tunnel refuses an invalid URL of the %s, without repeating a password', async (of, args) => {
  expect(await run('tunnel', args)).toEqual({
    code: 1,
    stdout: '',
    stderr: `tunnel: Cannot use the URL of the ${of}: expected http://HOST/ or https://HOST/\n`,
  });
});

test('proxy-tester prints its usage for an invalid URL', async () => {
  const { code, stderr } = await run('proxy-tester', ['http://a b/']);
  expect({ code, stderr }).toEqual({ code: 2, stderr: 'usage: proxy-tester http://HOST[:PORT]/\n' });
});
