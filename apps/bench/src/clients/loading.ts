import { line, type Job, type Line } from '../task.js';

/** Loads a module: once per process, since modules are cached. */
export function loading({ settings: { module = '' } }: Job): Line {
  return line(async () => {
    if (Object.keys((await import(module)) as object).length === 0)
      throw new Error(`${module} exports nothing`);
  });
}
