import * as fc from 'fast-check';

import { cases, type Case } from './fuzz-cases.js';

/** The finding of a run: the smallest case that fails, and its error. */
export interface Finding {
  readonly found: Case;
  readonly error: unknown;
}

/** Close seeds must not give the same cases; fast-check's seeds have 32 bits. */
const batchSeed = (seed: number, batch: number): number => (Math.imul(seed, 0x9e3779b1) + batch) | 0;

/** How many cases are generated from one of fast-check's seeds. */
const BATCH = 500;

/** Checks `runs` generated cases. Returns undefined if they all hold. `progress` is told how many have. */
export async function fuzz(
  runs: number,
  seed: number,
  checkCase: (one: Case) => Promise<void>,
  progress: (done: number) => void = () => undefined,
): Promise<Finding | undefined> {
  for (let done = 0; done < runs; done += BATCH) {
    const details = await fc.check(fc.asyncProperty(cases, checkCase), {
      seed: batchSeed(seed, done / BATCH),
      numRuns: Math.min(BATCH, runs - done),
    });
    if (details.failed) return smallest(details.counterexample![0], checkCase);
    progress(Math.min(done + BATCH, runs));
  }
  return undefined;
}

/**
 * Removes everything from the case that is not needed for it to fail. fast-check's shrinking undoes what it generated,
 * which leaves much if a mutation was involved; this removes bytes, many at once and then fewer.
 */
async function smallest(found: Case, checkCase: (one: Case) => Promise<void>): Promise<Finding> {
  let finding: Finding = { found, error: await failure(found, checkCase) };
  const fails = async (changed: Partial<Case>): Promise<boolean> => {
    const smaller = { ...finding.found, ...changed };
    const error = await failure(smaller, checkCase);
    if (error === undefined) return false;
    finding = { found: smaller, error };
    return true;
  };
  const { cuts, program } = found;
  await leaveOut(cuts, (rest) => fails({ cuts: rest }));
  await leaveOut(program, (rest) => fails({ program: rest }));
  const bytes = Array.from(found.answer.stream);
  await leaveOut(bytes, (rest) => fails({ answer: { ...found.answer, stream: rest.join('') } }));
  return finding;
}

/** Removes runs of parts, longer ones first, as long as the rest still `fails`. */
async function leaveOut<T>(parts: readonly T[], fails: (rest: T[]) => Promise<boolean>): Promise<void> {
  let left = parts;
  for (let size = left.length; size > 0; size = Math.floor(size / 2)) {
    for (let at = 0; at < left.length;) {
      const rest = left.toSpliced(at, size);
      if (await fails(rest)) left = rest;
      else at += size;
    }
  }
}

async function failure(one: Case, checkCase: (one: Case) => Promise<void>): Promise<unknown> {
  try {
    await checkCase(one);
    return undefined;
  } catch (error) {
    return error;
  }
}
