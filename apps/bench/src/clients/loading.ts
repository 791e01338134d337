import { line, type Job, type Line } from '../task.js';

/** What it takes to load a module: once, since what is loaded stays. */
export function loading({ settings: { module = '' } }: Job): Line {
  return line(async () => {
    if (Object.keys((await import(module)) as object).length === 0)
      throw new Error(`${module} exports nothing`);
  });
}
