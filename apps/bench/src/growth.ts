import { availableParallelism, cpus } from 'node:os';

import { exponent, type Point } from './fit.js';
import { SCENARIOS, type Scenario } from './growth-scenarios.js';
import { cpuTime } from './measure.js';
import { Table } from './table.js';

export interface GrowthOptions {
  /** Measurements at each size, of which the median counts. */
  readonly runs: number;
  /** Instead of each scenario's own. */
  readonly sizes?: readonly number[] | undefined;
  /** Those scenarios alone whose name contains this. */
  readonly only?: string | undefined;
}

/** Measures how CPU time grows with size, and prints a table with the exponent of each scenario. */
export async function growth(options: GrowthOptions, print: (text: string) => void): Promise<void> {
  const { only = '', runs, sizes } = options;
  const scenarios = SCENARIOS.filter(({ name }) => name.includes(only));
  if (scenarios.length === 0) throw new RangeError(`Cannot measure "${only}": no scenario is called so`);
  const table = new Table({
    'what grows': Math.max(...scenarios.map(({ name }) => name.length)),
    sizes: '1,000 to 256,000'.length,
    'CPU time, ms': '0.012 to 1234'.length,
    'ns each': 7,
    exponent: 0,
    'upper half': 0,
  });
  print(`${machine()}; medians of ${runs}\n`);
  print(table.head());
  for (const scenario of scenarios) {
    print(table.row(cells(scenario, await points(scenario, sizes, runs))));
  }
}

async function points(scenario: Scenario, sizes = scenario.sizes, runs: number): Promise<Point[]> {
  // What the largest size takes warms up for all of them: none is measured before it is compiled.
  await scenario.prepare(Math.max(...sizes))();
  const measured: Point[] = [];
  for (const size of sizes) measured.push({ size, time: await cpuTime(scenario.prepare(size), runs) });
  return measured;
}

function cells({ name }: Scenario, measured: readonly Point[]): string[] {
  const first = measured[0]!;
  const last = measured.at(-1)!;
  // What an exchange costs whatever its size weighs on the small sizes, and makes all of it look flatter than it is.
  const upper = measured.slice(Math.min(Math.floor(measured.length / 2), measured.length - 2));
  return [
    name,
    `${first.size.toLocaleString('en')} to ${last.size.toLocaleString('en')}`,
    `${milliseconds(first.time)} to ${milliseconds(last.time)}`,
    ((last.time * 1e6) / last.size).toFixed(0),
    exponent(measured).toFixed(2),
    exponent(upper).toFixed(2),
  ];
}

function milliseconds(time: number): string {
  return time < 100 ? time.toPrecision(2) : time.toFixed(0);
}

function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const { platform, arch, version } = process;
  return `Node ${version}, ${platform} ${arch}, ${availableParallelism()} × ${model}`;
}
