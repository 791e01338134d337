import { DRIVERS } from '../drivers.js';
import { line, type Job, type Line } from '../task.js';

/** What a process takes that makes so many exchanges and no more: to load the client, too, and to run it uncompiled. */
export function first(job: Job): Line {
  const { client = '', exchanges = 1 } = job.settings;
  return line(async () => {
    const driver = await DRIVERS[client]!();
    const begun = await driver(job);
    let left = exchanges;
    await begun.run(() => left-- > 0);
    await begun.close();
  });
}
