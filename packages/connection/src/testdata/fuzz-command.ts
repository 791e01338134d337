// Searches for responses that the client does not read as it should, for as long as desired:
//
//     npm run fuzz -- [--runs N] [--seed S]
//     npm run fuzz -- --replay '{"answer": ...}'

import { parseArgs } from 'node:util';

import type { Case } from './fuzz-cases.js';
import { check } from './fuzz-check.js';
import { fuzz, type Finding } from './fuzz-run.js';

/** How often a long run reports its progress, in milliseconds. */
const PROGRESS = 5000;

/** Returns the exit code: 2 for a mistake in `args`. A test passes its own `checkCase`, to see what a finding prints. */
export async function main(
  args: readonly string[],
  print: (line: string) => void,
  checkCase: (one: Case) => Promise<void> = check,
): Promise<number> {
  let wanted;
  try {
    wanted = parse(args);
  } catch (error) {
    print(`fuzz: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
  const { runs, seed, replay } = wanted;
  if (replay !== undefined) {
    await checkCase(replay);
    print('the case holds');
    return 0;
  }
  print(`${runs} cases, seed ${seed}`);
  let told = performance.now();
  const progress = (done: number): void => {
    if (performance.now() - told < PROGRESS && done < runs) return;
    told = performance.now();
    print(`${done} of ${runs} cases hold`);
  };
  const finding = await fuzz(runs, seed, checkCase, progress);
  if (finding !== undefined) report(finding, seed, print);
  return finding === undefined ? 0 : 1;
}

function parse(args: readonly string[]): { runs: number; seed: number; replay: Case | undefined } {
  const { values } = parseArgs({
    args: [...args],
    options: { runs: { type: 'string' }, seed: { type: 'string' }, replay: { type: 'string' } },
  });
  return {
    runs: wholeNumber('runs', values.runs ?? '10000'),
    seed: wholeNumber('seed', values.seed ?? String(Math.floor(Math.random() * 2 ** 31))),
    replay: values.replay === undefined ? undefined : (JSON.parse(values.replay) as Case),
  };
}

function report({ found, error }: Finding, seed: number, print: (line: string) => void): void {
  print(`seed ${seed} found: ${error instanceof Error ? error.message : String(error)}`);
  print(`the stream: ${JSON.stringify(found.answer.stream)}`);
  // A quote would end the shell's string.
  print(`again: npm run fuzz -- --replay '${JSON.stringify(found).replaceAll("'", '\\u0027')}'`);
}

function wholeNumber(name: string, text: string): number {
  if (/^[0-9]+$/.test(text)) return Number(text);
  throw new TypeError(`Cannot use ${JSON.stringify(text)} as --${name}: expected a whole number`);
}
