import { createInterface } from 'node:readline';

import { DRIVERS } from './drivers.js';
import type { Job } from './task.js';

// One client in a process of its own, so that its CPU time and its memory are its own: the job is the argument, each line
// of standard input says how many exchanges to make, and each line of standard output what they took.

/** What a number of exchanges took: milliseconds, and the bytes by which the process has grown so far. */
export interface Taken {
  readonly cpu: number;
  readonly wall: number;
  readonly memory: number;
}

function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function work(job: Job): Promise<void> {
  const driver = await DRIVERS[job.driver]!();
  const lines = await Promise.all(Array.from({ length: job.connections }, async () => driver(job)));
  const before = process.memoryUsage.rss();
  let peak = before;
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  // Often enough to see what a transfer of some hundred milliseconds holds; a look takes tens of microseconds.
  const looking = setInterval(look, 25);
  say({ ready: true });
  for await (const message of createInterface({ input: process.stdin })) {
    let left = Number(message);
    const more = (): boolean => left-- > 0;
    const began = performance.now();
    const used = process.cpuUsage();
    await Promise.all(lines.map(async (line) => line.run(more)));
    const { user, system } = process.cpuUsage(used);
    const wall = performance.now() - began;
    look();
    say({ cpu: (user + system) / 1000, wall, memory: peak - before } satisfies Taken);
  }
  clearInterval(looking);
  for (const line of lines) await line.close();
  process.exit();
}

work(JSON.parse(process.argv[2] ?? '') as Job).catch((error: unknown) => {
  say({ error: error instanceof Error ? error.message : String(error) });
  process.exit(1);
});
