// Tests the packages on the runtimes that they support: npm run runtimes [-- name ...]
//
// Runs the packages' tests on each other version of Node, the connection against Node's servers on every runtime, and
// the platform-independent packages in a browser. A runtime that is not installed is skipped, with a line that says so;
// it is a failure if HTTP_CLIENT_REQUIRE_RUNTIMES is 1.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { LAYERS } from '../layers.js';
import { inBrowser } from '../tests/runtimes/browser.js';
import { refuseUnknown } from './arguments.js';
import { runtimes } from './installed-runtimes.js';
import './reader.js';
import { isRequired } from './required.js';
import { ROOT } from './workspaces.js';

const required = isRequired('runtimes');
const wanted = process.argv.slice(2);
const all = runtimes();
// `node` is the version that runs this script.
refuseUnknown('runtime', wanted, ['node', ...all.map(({ name }) => name), 'browser']);
const isWanted = (/** @type {string} */ name) => wanted.length === 0 || wanted.includes(name);

/** The arguments before a program's path, for the runtimes that need some. */
const FLAGS = /** @type {Record<string, string[]>} */ ({
  deno: [
    ...['run', '--no-remote', '--node-modules-dir=manual', '--quiet'],
    ...['--allow-net', '--allow-read', '--allow-write', '--allow-env', '--allow-sys'],
  ],
});

let failed = false;

/**
 * @param {string} what
 * @param {() => Promise<{ said: string; faults: string[] }>} run
 */
async function step(what, run) {
  const begin = performance.now();
  /** @type {{ said: string; faults: string[] }} */
  let result;
  try {
    result = await run();
  } catch (error) {
    result = { said: '', faults: [error instanceof Error ? (error.stack ?? error.message) : String(error)] };
  }
  const { said, faults } = result;
  const seconds = ((performance.now() - begin) / 1000).toFixed(1).padStart(6);
  console.log(`${faults.length === 0 ? 'ok    ' : 'FAILED'} ${what.padEnd(32)} ${seconds} s  ${said}`);
  for (const fault of faults) console.log(fault.replaceAll(/^/gm, '    '));
  failed ||= faults.length > 0;
}

/**
 * @param {string} program
 * @param {string[]} args
 */
async function execute(program, args) {
  const env = { ...process.env, NO_COLOR: '1' };
  const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const [code, signal] = await once(child, 'close');
  return { code, end: signal === null ? `exit code ${code}` : `signal ${signal}`, stdout, stderr };
}

/**
 * Runs the tests of all packages, without coverage, which is the same on every Node.
 *
 * @param {string} node
 */
async function testsOn(node) {
  const projects = LAYERS.flatMap((name) => ['--project', name]);
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const { code, end, stdout, stderr } = await execute(node, [vitest, 'run', '--reporter=dot', ...projects]);
  const said = /^ +Tests +(.*)$/m.exec(stdout)?.[1] ?? '';
  const printed = `${stdout.replace(/^[·x*-]{40,}$/gm, '')}\n${stderr}`.trim();
  return {
    said,
    faults: code === 0 ? [] : [`ended with ${end}`, printed.split('\n').slice(-200).join('\n')],
  };
}

/**
 * @param {string} name
 * @param {string} program
 * @param {string} places
 */
async function smokeOn(name, program, places) {
  const smoke = join(ROOT, 'tests/runtimes/smoke.js');
  const { code, end, stdout, stderr } = await execute(program, [...(FLAGS[name] ?? []), smoke, places]);
  const lines = stdout.split('\n').filter((line) => line !== '');
  /** @type {{ name: string; failure?: string }[]} */
  const cases = lines.map((line) => JSON.parse(line));
  const faults = cases.flatMap((each) =>
    each.failure === undefined ? [] : [`${each.name}: ${each.failure}`],
  );
  if (code !== 0 || cases.length === 0) faults.push(`ended with ${end}\n${stderr}`);
  return { said: `${cases.length - faults.length} of ${cases.length} cases passed`, faults };
}

/** @returns {Promise<{ places: string; stop: () => Promise<void> }>} */
async function serve() {
  const server = spawn(process.execPath, [join(ROOT, 'tests/runtimes/smoke-server.js')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [places] = await once(createInterface(server.stdout), 'line');
  return {
    places,
    async stop() {
      const closed = once(server, 'close');
      server.stdin.end();
      await closed;
    },
  };
}

const others = all.filter(({ name }) => isWanted(name));
for (const { name, version } of others) {
  if (version !== undefined) continue;
  console.log(
    `${required ? 'FAILED' : 'skipped'} ${name}: it is not installed (see scripts/install-runtimes.js)`,
  );
  failed ||= required;
}
const there = others.flatMap(({ name, path, version }) =>
  version === undefined ? [] : [{ name, path, version }],
);

const { places, stop } = await serve();
try {
  const here = { name: 'node', path: process.execPath, version: process.versions.node };
  for (const { name, path, version } of isWanted('node') ? [here, ...there] : there) {
    await step(`the connection on ${name.split('-')[0]} ${version}`, () => smokeOn(name, path, places));
  }
} finally {
  await stop();
}

if (isWanted('browser')) {
  await step('status to body in Chromium', async () => {
    const { version, results } = await inBrowser();
    const said = results.map(
      ({ where, passed, leftOut }) => `${where}: ${passed} passed, ${leftOut.length} skipped`,
    );
    const faults = results.flatMap(({ where, failed }) => failed.map((fault) => `${where}: ${fault}`));
    if (results.some(({ passed }) => passed === 0)) faults.push('no tests ran in the page or the worker');
    return { said: [`Chromium ${version}`, ...said].join('; '), faults };
  });
}

for (const { path, version } of there.filter(({ name }) => name.startsWith('node-'))) {
  await step(`the packages' tests on Node ${version}`, () => testsOn(path));
}

process.exitCode = failed ? 1 : 0;
