import { median } from './fit.js';

/** The work that is measured. */
export type Work = () => Promise<void>;

/** The shortest measurement, in milliseconds: for shorter ones the clock is too coarse. */
const LEAST = 5;

/**
 * Milliseconds of CPU time that the work takes: the median of `runs` measurements. The time is that of the whole
 * process, so that garbage collection is included.
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
