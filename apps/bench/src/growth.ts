import { availableParallelism, cpus } from 'node:os';

import { exponent, type Point } from './fit.js';
import { SCENARIOS, type Scenario } from './growth-scenarios.js';
import { cpuTime } from './measure.js';
import type { Print } from './print.js';
import { Table, widest } from './table.js';

export interface GrowthOptions {
  /** Measurements at each size; the median is reported. */
  readonly runs: number;
  /** The sizes to use instead of each scenario's. */
  readonly sizes?: readonly number[] | undefined;
  /** Whether a scenario is measured, by its name. */
  readonly chosen: (name: string) => boolean;
}

/** How the CPU time of a scenario grows. */
export interface GrowthFound {
  readonly name: string;
  readonly points: readonly Point[];
  readonly exponent: number;
  /**
   * The exponent for the larger half of the sizes: the fixed cost of an exchange makes growth at small sizes look
   * flatter.
   */
  readonly upper: number;
}

export const GROWTH_COLUMNS = ['what grows', 'sizes', 'CPU time, ms', 'ns each', 'exponent', 'upper half'];

/** Measures how CPU time grows with size, and prints a table with each scenario's exponent. */
export async function growth({ chosen, runs, sizes }: GrowthOptions, print: Print): Promise<GrowthFound[]> {
  const scenarios = SCENARIOS.filter(({ name }) => chosen(name));
  if (scenarios.length === 0) throw new RangeError('Cannot measure growth: no scenario has such a name');
  const widths = [
    widest(scenarios.map(({ name }) => name)),
    '1,000 to 256,000'.length,
    '0.012 to 1234'.length,
    7,
    0,
    0,
  ];
  const table = new Table(
    Object.fromEntries(GROWTH_COLUMNS.map((title, column) => [title, widths[column] ?? 0])),
  );
  await print(table.head());
  const found: GrowthFound[] = [];
  for (const scenario of scenarios) {
    const points = await measured(scenario, sizes, runs);
    const upper = points.slice(Math.min(Math.floor(points.length / 2), points.length - 2));
    const grown = { name: scenario.name, points, exponent: exponent(points), upper: exponent(upper) };
    found.push(grown);
    await print(table.row(growthCells(grown)));
  }
  return found;
}

async function measured(scenario: Scenario, sizes = scenario.sizes, runs: number): Promise<Point[]> {
  // The largest size warms up for all of them, so that the code is compiled before the first measurement.
  await scenario.prepare(Math.max(...sizes))();
  const points: Point[] = [];
  for (const size of sizes) points.push({ size, time: await cpuTime(scenario.prepare(size), runs) });
  return points;
}

export function growthCells({ name, points, exponent, upper }: GrowthFound): string[] {
  const first = points[0]!;
  const last = points.at(-1)!;
  return [
    name,
    `${first.size.toLocaleString('en')} to ${last.size.toLocaleString('en')}`,
    `${milliseconds(first.time)} to ${milliseconds(last.time)}`,
    ((last.time * 1e6) / last.size).toFixed(0),
    exponent.toFixed(2),
    upper.toFixed(2),
  ];
}

function milliseconds(time: number): string {
  return time < 100 ? time.toPrecision(2) : time.toFixed(0);
}

export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const { platform, arch, version } = process;
  return `Node ${version}, ${platform} ${arch}, ${availableParallelism()} × ${model}`;
}
