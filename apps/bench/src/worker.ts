import { createInterface } from 'node:readline';

import { DRIVERS } from './drivers.js';
import type { Job } from './task.js';

// One client in a separate process, so that its CPU time and memory can be measured. The job is the argument. Each line
// of standard input is a number of exchanges to make; each line of standard output is what they took.

/** What some exchanges took, in milliseconds, and the bytes by which the process has grown so far. */
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
  // Often enough for transfers of some hundred milliseconds; reading the size takes tens of microseconds.
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

// The process that asked has ended.
process.stdout.on('error', () => process.exit());

work(JSON.parse(process.argv[2] ?? '') as Job).catch((error: unknown) => {
  say({ error: error instanceof Error ? error.message : String(error) });
  process.exit(1);
});
