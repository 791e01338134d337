import { createRequire } from 'node:module';
import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { CPUS } from './cpus.js';
import { GROWTH_COLUMNS, type GrowthFound, growthCells, machine } from './growth.js';
import { pythonVersion } from './processes.js';
import type { Effort, Result } from './rounds.js';
import { FLOOR, type Scenario } from './scenarios.js';
import { Table, widest } from './table.js';
import type { Verdict } from './verdicts.js';

/** Everything that was measured. */
export interface Report {
  readonly effort: Effort;
  readonly results: readonly Result[];
  readonly growth: readonly GrowthFound[];
  readonly verdicts: readonly Verdict[];
}

const COLUMNS = [
  'what',
  'client',
  'CPU, µs',
  'per',
  'rate, 1/s',
  'grows, MiB',
  'to the socket',
  'ours to it',
];
const TEXTS = 2;

/** The table of figures; its rows are printed after each scenario. */
export function figuresTable(scenarios: readonly Scenario[]): Table {
  const names = scenarios.flatMap(({ entrants }) => entrants.map(({ name }) => name));
  const widths = [widest(scenarios.map(({ title }) => title)), widest(names), 9, 7, 10, 0, 0, 0];
  return new Table(Object.fromEntries(COLUMNS.map((title, column) => [title, widths[column] ?? 0])), TEXTS);
}

export function figures({ scenario, rows, ratio }: Result): string[][] {
  return rows.map(({ client, cpu, rate, memory }) => [
    scenario.title,
    client,
    significant(cpu),
    scenario.unit,
    significant(rate),
    memory.toFixed(1),
    ratio(client, FLOOR)?.toFixed(2) ?? '',
    oursTo(scenario, ratio, client),
  ]);
}

/** How many times as fast as `client` this client is, in the first of its rows: the one after the bare socket. */
function oursTo({ entrants }: Scenario, ratio: Result['ratio'], client: string): string {
  const ours = entrants.find(({ name }) => name !== FLOOR)!.name;
  return client === ours ? '' : (ratio(ours, client)?.toFixed(2) ?? '');
}

/**
 * Shows a figure with at least three digits. From 999.5 it is rounded to a whole number: three digits would round that
 * to 1000, which `toPrecision` writes with an exponent.
 */
function significant(value: number): string {
  return value >= 999.5 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

export function verdictTable(verdicts: readonly Verdict[]): string {
  return Table.whole(
    ['what', 'who', 'target', 'found', 'the socket', 'verdict'],
    verdicts.map(({ scenario, who, target, found, floor, met }) => [
      scenario,
      who,
      target,
      found,
      floor,
      met ? 'met' : 'NOT MET',
    ]),
    3,
  );
}

export function summary(verdicts: readonly Verdict[]): string {
  return `${verdicts.filter(({ met }) => met).length} of ${verdicts.length} targets met`;
}

/** The machine, the versions, and the effort of the measurements. */
export function circumstances({ rounds, slices, slice }: Effort): string[] {
  const { undici = '', llhttp = '' } = process.versions;
  const python = pythonVersion();
  const packages = ['undici', 'got', 'axios', 'http-parser-js'].map((name) => `${name} ${versionOf(name)}`);
  return [
    `${machine()}, ${new Date().toISOString().slice(0, 10)}`,
    [
      ...packages,
      `fetch by undici ${undici}`,
      `llhttp ${llhttp}`,
      python === undefined ? 'no Python 3' : `Python ${python}`,
    ].join(', '),
    `medians of ${slices} turns of ${slice} ms in ${rounds === 1 ? '1 round' : `each of ${rounds} rounds`}`,
    CPUS === undefined
      ? 'server and clients on any CPU'
      : `the server on CPU ${CPUS.server}, the clients on CPU ${CPUS.clients}`,
  ];
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url);
  // Not every package exports its package.json, so the file is read directly.
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return (JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')) as { version: string })
        .version;
    } catch {
      // Not here.
    }
  }
  return 'unknown';
}

export function writeJSON(file: string, { effort, results, growth, verdicts }: Report): void {
  const scenarios = results.map(({ scenario, rows, ratio }) => ({
    name: scenario.name,
    title: scenario.title,
    unit: scenario.unit,
    rows: rows.map((row) => ({ ...row, toSocket: ratio(row.client, FLOOR) })),
  }));
  const circumstance = circumstances(effort);
  writeFileSync(
    file,
    `${JSON.stringify({ circumstances: circumstance, scenarios, growth, verdicts }, undefined, 2)}\n`,
  );
}

/** Throws if the files cannot be written. Called before measuring, which takes long. */
export function checkFiles(json: string | undefined, markdown: string | undefined): void {
  if (json !== undefined) checkWritable(json);
  if (markdown === undefined) return;
  aroundFigures(markdown);
  checkWritable(markdown);
}

function checkWritable(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? file === '')
    throw new Error(`Cannot write the figures to "${file}": it is not a file`);
  accessSync(existsSync(file) ? file : dirname(file), constants.W_OK);
}

const BEGIN = '<!-- figures: written by npm run bench -- --markdown -->';
const END = '<!-- end of the figures -->';

/** The parts of a page before and after the marks. */
function aroundFigures(file: string): [before: string, after: string] {
  const [before, rest] = readFileSync(file, 'utf8').split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`Cannot write the figures into ${file}: it has no lines "${BEGIN}" and "${END}"`);
  }
  return [before, after];
}

/** Writes the tables into a page, between its two marks. */
export function writeMarkdown(file: string, { effort, results, growth, verdicts }: Report): void {
  const [before, after] = aroundFigures(file);
  const parts = [
    circumstances(effort).join('; ') + '.',
    Table.whole(COLUMNS, results.flatMap(figures), TEXTS),
    ...(growth.length === 0 ? [] : [Table.whole(GROWTH_COLUMNS, growth.map(growthCells))]),
    `${summary(verdicts)}:`,
    verdictTable(verdicts),
  ];
  writeFileSync(file, `${before}${BEGIN}\n\n${parts.join('\n\n')}\n\n${END}${after}`);
}
