import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { beforeAll, expect, onTestFinished, test } from 'vitest';

import { temporaryFolder } from '../../../tests/support/folders.js';
import { CPUS } from './cpus.js';
import { SCENARIOS } from './growth-scenarios.js';
import { pythonVersion } from './processes.js';
import { scenarios } from './scenarios.js';
import { TARGETS } from './targets.js';

/** The built command, which measures the built packages: that is what users get. */
const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../../../packages/client/dist/index.js', import.meta.url));

beforeAll(() => {
  if (!existsSync(CLI))
    throw new Error('The command is not built: npm run build comes first, as in npm test');
});

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });
}

/** The least effort: one round, and almost no time. */
const LITTLE = ['--rounds', '1', '--slice', '1', '--mebibytes', '1'];

/** The rows of each table in the output. */
function tables(text: string): string[][][] {
  const cells = (row: string): string[] => row.split('|').map((cell) => cell.trim());
  return Array.from(text.matchAll(/^\|.*\n\|[ -].*\n((?:\|.*\n?)+)/gm), ([, rows = '']) =>
    rows
      .trimEnd()
      .split('\n')
      .map((row) => cells(row).slice(1, -1)),
  );
}

const NUMBER = /^[\d,.]+$/;

// Every client checks what it has read: if it is wrong, the command fails.
test.each(scenarios(1))('$name has a row for each client, and a verdict on each target', (scenario) => {
  const { status, stdout, stderr } = bench('--scenario', scenario.name, ...LITTLE);
  expect([status, stderr]).toEqual([0, '']);
  const [figures = [], verdicts = []] = tables(stdout);
  const entrants = scenario.entrants.filter(
    ({ driver }) => driver !== 'python' || pythonVersion() !== undefined,
  );
  expect(figures.map(([title, client, , unit]) => [title, client, unit])).toEqual(
    entrants.map(({ name }) => [scenario.title, name, scenario.unit]),
  );
  for (const [, client, cpu, , rate, memory] of figures) {
    for (const figure of [cpu, rate, memory]) expect(figure, client).toMatch(NUMBER);
  }
  expect(verdicts.map(([, who]) => who)).toEqual(
    TARGETS.filter((target) => target.scenario === scenario.name).map(({ who }) => who),
  );
  const withFloor = scenario.entrants.some(({ name }) => name === 'socket');
  for (const [, who, target = '', found, floor, verdict] of verdicts) {
    expect(found, who).toMatch(NUMBER);
    // The ratio of the bare socket to the other client.
    expect(floor, who).toMatch(withFloor && /× (undici|node:http|fetch)/.test(target) ? NUMBER : /^$/);
    expect(verdict, who).toMatch(/^(NOT MET|met)$/);
  }
});

test.each<[string[]]>([[[]], [['--quick']]])('another build is compared with this one: %j', (more) => {
  const { status, stdout } = bench('--scenario', 'get-1', '--before', PACKAGE, ...LITTLE, ...more);
  expect(status).toBe(0);
  expect(
    tables(stdout)[0]
      ?.slice(0, 3)
      .map(([, client]) => client),
  ).toEqual(['socket', 'http-client', 'http-client, before']);
});

test('--quick names the scenarios that it leaves out: those without a target', async () => {
  const child = spawn(process.execPath, [CLI, '--quick'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const said: string[] = [];
  // The table follows, whose measurements take a minute.
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('|')) break;
    said.push(line);
  }
  child.kill('SIGTERM');
  await ended;
  const judged = TARGETS.map(({ scenario }) => scenario);
  const names = scenarios(1).map(({ name }) => name);
  const [, left = ''] = /^left out, .*: (.*)$/m.exec(said.join('\n')) ?? [];
  expect(left.split(', ')).toEqual(names.filter((name) => !judged.includes(name)));
});

test.runIf(CPUS)('gives the server a CPU of its own, and the clients the others', () => {
  const { server = '', clients = '' } = CPUS ?? {};
  const folder = temporaryFolder();
  // Another build of this client, which writes down where it and the server may run whenever it sends a request.
  const module = join(folder, 'before.mjs');
  const [file, built] = [join(folder, 'cpus.json'), pathToFileURL(PACKAGE).href].map((name) =>
    JSON.stringify(name),
  );
  writeFileSync(
    module,
    `import { readFileSync, writeFileSync } from 'node:fs';
    import { HTTPConnection as Built, HTTPSConnection } from ${built};
    const read = (name) => readFileSync('/proc/' + name, 'latin1');
    const cpusOf = (process) => /^Cpus_allowed_list:\\s*(\\S+)/m.exec(read(process + '/status'))[1];
    class HTTPConnection extends Built {
      request(...args) {
        const bench = process.ppid;
        const processes = read(bench + '/task/' + bench + '/children').trim().split(' ');
        const server = processes.find((each) => read(each + '/cmdline').includes('server.js'));
        writeFileSync(${file}, JSON.stringify({ server: cpusOf(server), clients: cpusOf('self') }));
        return super.request(...args);
      }
    }
    export { HTTPConnection, HTTPSConnection };`,
  );
  const { stdout } = bench('--scenario', 'get-1', ...LITTLE, '--before', module);
  expect(stdout).toContain(`the server on CPU ${server}, the clients on CPU ${clients}\n`);
  const bound = JSON.parse(readFileSync(join(folder, 'cpus.json'), 'utf8')) as {
    server: string;
    clients: string;
  };
  expect(bound.server).toBe(server);
  // Linux shows 0-2 for 0,1,2.
  const ends = (list: string): (string | undefined)[] => [/^\d+/.exec(list)?.[0], /\d+$/.exec(list)?.[0]];
  expect(ends(bound.clients)).toEqual(ends(clients));
});

test.runIf(CPUS)('divides nothing if there is only one CPU', () => {
  const args = ['-c', CPUS?.server ?? '', process.execPath, CLI, '--scenario', 'parse-8', ...LITTLE];
  const { stdout } = spawnSync('taskset', args, { encoding: 'utf8' });
  expect(stdout).toContain('server and clients on any CPU\n');
});

test.each(['get-1', 'growth'])('ends when its output is closed: %s', async (scenario) => {
  const json = join(temporaryFolder(), 'figures.json');
  const args = [CLI, '--scenario', scenario, ...LITTLE, '--json', json];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(said).toBe('');
  // The file is written after the last measurement.
  expect(existsSync(json)).toBe(false);
});

test('leaves no files behind when it is interrupted', async () => {
  const folder = temporaryFolder();
  const watcher = watch(folder);
  onTestFinished(() => {
    watcher.close();
  });
  const began = once(watcher, 'change');
  const child = spawn(process.execPath, [CLI, '--scenario', 'tls', ...LITTLE], {
    stdio: 'ignore',
    env: { ...process.env, TMPDIR: folder },
  });
  await began;
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([130, null]);
  expect(readdirSync(folder)).toEqual([]);
});

test('ends if a client cannot start, whatever the others are doing', async () => {
  const args = [CLI, '--scenario', 'get-1', ...LITTLE, '--before', join(temporaryFolder(), 'none.mjs')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(said).toMatch(/^bench: Cannot measure http-client, before, get-1: Cannot find module .*\n$/);
});

// A terminal sends Ctrl-C to all processes of the group. SIGKILL leaves this one no time to end the others.
test.each([
  ['SIGINT', [130, null]],
  ['SIGTERM', [143, null]],
  ['SIGHUP', [129, null]],
  ['SIGKILL', [null, 'SIGKILL']],
] as const)('ends all its processes, without a word of theirs, after %s', async (signal, end) => {
  const folder = temporaryFolder();
  // A client that shows that it is running: as another build of this one.
  const module = join(folder, 'before.mjs');
  writeFileSync(
    module,
    `import { mkdirSync } from 'node:fs';\nmkdirSync(${JSON.stringify(join(folder, 'running'))});\n` +
      `export * from ${JSON.stringify(pathToFileURL(PACKAGE).href)};\n`,
  );
  const watcher = watch(folder);
  onTestFinished(() => {
    watcher.close();
  });
  const began = once(watcher, 'change');
  const child = spawn(process.execPath, [CLI, '--scenario', 'get-1', ...LITTLE, '--before', module], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await began;
  process.kill(-child.pid!, signal);
  // Its processes share its standard error: this waits for all of them.
  expect(await once(child, 'close')).toEqual(end);
  expect(said).toBe('');
});

test('writes the figures as JSON, and into a page between its marks', () => {
  const folder = temporaryFolder();
  const [json, page] = [join(folder, 'figures.json'), join(folder, 'page.md')];
  const marks = ['<!-- figures: written by npm run bench -- --markdown -->', '<!-- end of the figures -->'];
  writeFileSync(page, `# Page\n\n${marks[0]}\nold\n${marks[1]}\n\nThe rest.\n`);
  const { status, stdout } = bench('--scenario', 'parse-8', ...LITTLE, '--json', json, '--markdown', page);
  expect(status).toBe(0);
  const [rows = []] = tables(stdout);
  const written = JSON.parse(readFileSync(json, 'utf8')) as { scenarios: { rows: { client: string }[] }[] };
  expect(written.scenarios[0]?.rows.map(({ client }) => client)).toEqual(rows.map(([, client]) => client));
  const text = readFileSync(page, 'utf8');
  expect(text).toMatch(/^# Page\n\n<!-- figures[^]*<!-- end of the figures -->\n\nThe rest\.\n$/);
  expect(text).not.toContain('old');
  expect(tables(text)[0]).toEqual(rows);
  // A file that cannot be written is an error before anything is measured.
  for (const [option, file, why] of [
    ['--markdown', json, 'has no lines "<!-- figures'],
    ['--markdown', join(folder, 'none.md'), 'ENOENT'],
    ['--json', join(folder, 'none', 'figures.json'), 'ENOENT'],
    ['--json', folder, 'it is not a file'],
    ['--json', '', 'it is not a file'],
  ] as const) {
    const { status, stdout, stderr } = bench('--scenario', 'parse-8', ...LITTLE, option, file);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(why);
  }
});

test('growth has a row for each scenario', () => {
  const { status, stdout, stderr } = bench('growth', '--sizes', '2,5', '--runs', '1');
  expect([status, stderr]).toEqual([0, '']);
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^Node v\d+\..*; medians of 1$/);
  expect(lines[2]).toMatch(/^\| what grows .*\| exponent \| upper half \|$/);
  const [rows = []] = tables(stdout);
  expect(rows.map(([name]) => name)).toEqual(SCENARIOS.map(({ name }) => name));
  const number = /^-?\d+(\.\d+)?$/;
  for (const [name, sizes, times, each, ...exponents] of rows) {
    expect(sizes, name).toBe('2 to 5');
    expect(times, name).toMatch(/^[\d.]+ to [\d.]+$/);
    expect(each, name).toMatch(number);
    expect(exponents, name).toEqual([expect.stringMatching(number), expect.stringMatching(number)]);
  }
});

test('growth of some scenarios, at their own sizes', () => {
  const { status, stdout } = bench('growth', '--only', 'chunk extension', '--runs', '1');
  expect(status).toBe(0);
  expect(tables(stdout)[0]?.map((row) => row.slice(0, 2))).toEqual([
    ['bytes of a chunk extension', '1,000 to 64,000'],
    ['bytes of a chunk extension, in 1-byte segments', '1,000 to 64,000'],
  ]);
});

test.each([[['--help']], [['growth', '--help']]])('prints its usage: %j', (args) => {
  const { status, stdout } = bench(...args);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Usage: npm run bench -- \[options\]/);
});

test.each([
  [['speed'], "Unexpected argument 'speed'"],
  [['--fast'], "Unknown option '--fast'"],
  [['--scenario', 'nothing'], 'Cannot measure "nothing": there is no such scenario (get-50, '],
  [['--rounds', '0'], 'Cannot use "0" for --rounds'],
  [['growth', '--fast'], "Unknown option '--fast'"],
  [['growth', '--runs', '0'], 'Cannot use "0" for --runs'],
  [['growth', '--sizes', '10,x'], 'Cannot use "x" for --sizes'],
  [['growth', '--sizes', '10,10'], 'Cannot fit a growth to fewer than two sizes'],
  [['growth', '--only', 'nothing'], 'no scenario has such a name'],
])('refuses %j', (args, message) => {
  const { status, stderr } = bench(...args);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^bench: .*\n$/);
  expect(stderr).toContain(message);
});
