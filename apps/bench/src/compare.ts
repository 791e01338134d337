import { growth, type GrowthFound } from './growth.js';
import type { Print } from './print.js';
import { pythonVersion } from './processes.js';
import {
  checkFiles,
  circumstances,
  figures,
  figuresTable,
  type Report,
  summary,
  verdictTable,
  writeJSON,
  writeMarkdown,
} from './report.js';
import { type Effort, measure, type Result } from './rounds.js';
import { type Scenario, scenarios as all } from './scenarios.js';
import { hasTarget, judgedOnly } from './targets.js';
import { verdicts as verdictsOn } from './verdicts.js';

export interface CompareOptions {
  readonly effort: Effort;
  /** MiB of a large body. */
  readonly mebibytes: number;
  /** The scenarios to measure, of which `growth` is one; all if empty. */
  readonly only: readonly string[];
  /** Whether only clients that a target names take part; and only scenarios that have one, unless they are named. */
  readonly judged: boolean;
  /** A module that exports another build of this client, to compare with. */
  readonly before?: string | undefined;
  readonly json?: string | undefined;
  readonly markdown?: string | undefined;
}

/** The growth scenarios that matter most; `bench growth` measures all of them. */
const GROWING = new Set([
  'fields of a head',
  'fields of a head, in 1-byte segments',
  'bytes of a body, by read(), in 1-byte segments',
  'chunks of one byte, by read()',
  'chunks of one byte, by read(), in 1-byte segments',
]);
const GROWTH = 'growth';

/** Compares this client with a bare socket and other clients, and prints which targets are met. */
export async function compare(options: CompareOptions, print: Print): Promise<void> {
  const { effort, only, judged, mebibytes, before, json, markdown } = options;
  const known = all(mebibytes, before);
  for (const name of only) {
    if (name !== GROWTH && !known.some((scenario) => scenario.name === name)) {
      const names = [...known.map((scenario) => scenario.name), GROWTH].join(', ');
      throw new RangeError(`Cannot measure "${name}": there is no such scenario (${names})`);
    }
  }
  checkFiles(json, markdown);
  const wanted = (name: string): boolean => only.length === 0 || only.includes(name);
  const isMeasured = ({ name }: Scenario): boolean =>
    wanted(name) && (!judged || hasTarget(name) || only.length > 0);
  const chosen = known.filter(isMeasured);
  const scenarios = judged ? chosen.map(judgedOnly) : chosen;
  for (const line of circumstances(effort)) await print(line);
  if (only.length === 0 && chosen.length < known.length) {
    const names = known.filter((scenario) => !isMeasured(scenario)).map(({ name }) => name);
    await print(`left out, since they have no target (--scenario measures them): ${names.join(', ')}`);
  }

  const results: Result[] = [];
  if (scenarios.length > 0) {
    const table = figuresTable(scenarios);
    await print(`\n${table.head()}`);
    for (const scenario of scenarios) {
      const result = await measure(scenario, effort, pythonVersion() !== undefined);
      results.push(result);
      for (const row of figures(result)) await print(table.row(row));
    }
  }
  let grown: GrowthFound[] = [];
  if (wanted(GROWTH)) {
    await print('');
    grown = await growth({ runs: effort.rounds, chosen: (name) => GROWING.has(name) }, print);
  }
  const verdicts = verdictsOn(results, grown);
  if (verdicts.length > 0) await print(`\n${verdictTable(verdicts)}\n\n${summary(verdicts)}`);

  const report: Report = { effort, results, growth: grown, verdicts };
  if (json !== undefined) writeJSON(json, report);
  if (markdown !== undefined) writeMarkdown(markdown, report);
}
