import { median } from './fit.js';

/** What is measured: one whole piece of work. */
export type Work = () => Promise<void>;

/** A measurement shorter than this would say more about the clock than about the work. */
const LEAST = 5;

/**
 * Milliseconds of CPU time that the work takes: the median of `runs` measurements. The time of the whole process, so that the collection of its garbage counts.
 */
export async function cpuTime(work: Work, runs: number): Promise<number> {
  let repeats = 1;
  for (let time = await once(work, repeats); time < LEAST; time = await once(work, repeats)) {
    repeats = Math.max(repeats * 2, Math.ceil((repeats * LEAST) / Math.max(time, 0.1)));
  }
  const times: number[] = [];
  for (let run = 0; run < runs; run++) times.push((await once(work, repeats)) / repeats);
  return median(times);
}

async function once(work: Work, repeats: number): Promise<number> {
  const before = process.cpuUsage();
  for (let count = 0; count < repeats; count++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
