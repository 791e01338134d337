import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A program next to this file, bundled from the sources, in a separate process with which it exchanges messages. */
export class Child {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #exited: Promise<unknown>;

  private constructor(process: ChildProcess, folder: string) {
    this.#process = process;
    this.#folder = folder;
    this.#exited = once(process, 'exit');
  }

  static async start(program: string, ...args: readonly string[]): Promise<Child> {
    const folder = mkdtempSync(join(tmpdir(), 'http-client-'));
    const file = join(folder, 'program.mjs');
    await build({
      entryPoints: [path(program)],
      tsconfig: path('../../tsconfig.build.json'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: file,
    });
    return new Child(fork(file, args, { execArgv: ['--expose-gc'] }), folder);
  }

  /** The next message. Fails if the program ends without one. */
  async message<T>(): Promise<T> {
    const [message] = (await Promise.race([
      once(this.#process, 'message'),
      this.#exited.then(() => {
        throw new Error('The program ended before it was asked to');
      }),
    ])) as [T];
    return message;
  }

  /** Sends a message, and returns the next one received. */
  async ask<T>(message: string): Promise<T> {
    const answer = this.message<T>();
    this.#process.send(message);
    return answer;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL');
      await this.#exited;
    }
    rmSync(this.#folder, { recursive: true });
  }
}
