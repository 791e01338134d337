import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { describe } from 'vitest';

import { accepts, freePort, REQUIRED } from '../../../../tests/support/programs.js';
import { TIMEOUT } from './stage.js';

/** Tests that need these programs. If one is missing they are skipped, and the title names it. */
export function describeWith(
  name: string,
  programs: Readonly<Record<string, string | undefined>>,
  tests: () => void,
): void {
  const missing = Object.keys(programs).filter((each) => programs[each] === undefined);
  const absent = missing.length > 0 && !REQUIRED;
  describe.skipIf(absent)(absent ? `${name} (left out: ${missing.join(' and ')} not there)` : name, tests);
}

/** A program that listens on a port of the loopback interface. */
export interface Program {
  readonly port: number;
  /** Kills it at once. */
  close(): Promise<void>;
}

/** Runs a program in a folder. Its arguments may contain a port that was free a moment ago. */
export async function start(
  command: string | undefined,
  folder: string,
  args: (port: number) => readonly string[],
  stdout: 'ignore' | 'pipe' = 'ignore',
): Promise<Program & { readonly child: ChildProcess }> {
  if (command === undefined) throw new Error('A program that these tests need is not there');
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const child = spawn(command, args(port), { cwd: folder, stdio: ['pipe', stdout, 'ignore'] });
    const ended = once(child, 'close');
    const close = async (): Promise<void> => {
      child.kill('SIGKILL');
      await ended;
    };
    const deadline = performance.now() + TIMEOUT;
    const runs = (): boolean => child.exitCode === null;
    while (runs() && performance.now() < deadline) {
      // Another process may have taken the port in between, and accept in its place.
      if ((await accepts(port)) && runs()) return { port, child, close };
    }
    await close();
    if (attempt === 3) throw new Error(`${command} does not run`);
  }
}
