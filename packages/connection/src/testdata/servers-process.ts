import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { accepts } from '../../../../tests/support/programs.js';

/** A server that is not ready after this many milliseconds never will be. */
const PATIENCE = 120_000;

/** The path of a file next to this one. */
export function beside(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** A server in a separate process, which ends with this one at the latest. */
export class ServerProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #exited: Promise<unknown>;
  readonly #lines: AsyncIterator<string>;
  readonly #deadline = performance.now() + PATIENCE;
  #complaints = '';

  constructor(command: string, ...args: readonly string[]) {
    this.#child = spawn(process.execPath, [beside('servers-keeper.js'), command, ...args]);
    this.#exited = once(this.#child, 'close');
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#complaints += text));
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done !== true) return next.value;
    await this.#exited;
    throw new Error(`The server ended before it was ready: ${this.#complaints}`);
  }

  /** Waits until somebody listens on these ports of the loopback interface. */
  async listening(...ports: readonly number[]): Promise<void> {
    for (const port of ports) {
      while (!(await accepts(port))) {
        if (this.#child.exitCode !== null || performance.now() > this.#deadline) {
          throw new Error(`The server is not there, on port ${port}: ${this.#complaints}`);
        }
        await setImmediate();
      }
    }
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#exited;
  }
}
