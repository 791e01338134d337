import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { PYTHON } from './drivers.js';
import type { Serving } from './server.js';
import type { Job } from './task.js';
import type { Taken } from './worker.js';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A process that answers each line it is sent with a line of JSON. It ends when its standard input does. */
class Process {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #what: string;

  constructor(what: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#what = what;
    const options = { stdio: ['pipe', 'pipe', 'inherit'] as ['pipe', 'pipe', 'inherit'] };
    const child = spawn(command, args, { ...options, env: { ...process.env, ...env } });
    this.#process = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  async hear<T>(): Promise<T> {
    const next = await this.#lines.next();
    const message = (next.done === true ? { error: 'its process ended' } : JSON.parse(next.value)) as {
      error?: string;
    };
    if (message.error !== undefined) throw new Error(`Cannot measure ${this.#what}: ${message.error}`);
    return message as T;
  }

  say(message: unknown): void {
    this.#process.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  stop(): void {
    this.#process.kill();
  }
}

/** The server of a scenario. */
export class ServerProcess {
  readonly port: number;
  readonly #process: Process;

  private constructor(process: Process, port: number) {
    this.#process = process;
    this.port = port;
  }

  static async start(serving: Serving): Promise<ServerProcess> {
    const child = new Process('anything', process.execPath, [path('./server.js'), JSON.stringify(serving)]);
    const { port } = await child.hear<{ port: number }>();
    return new ServerProcess(child, port);
  }

  stop(): void {
    this.#process.stop();
  }
}

/** A client in a separate process. */
export class ClientProcess {
  readonly #process: Process;

  private constructor(process: Process) {
    this.#process = process;
  }

  /** `certificates` is a file with trusted certificates. */
  static async start(name: string, job: Job, certificates: string | undefined): Promise<ClientProcess> {
    const [command, program] =
      job.driver === PYTHON
        ? [PYTHON_COMMAND, path('../src/clients/http_client.py')]
        : [process.execPath, path('./worker.js')];
    const env =
      certificates === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificates, SSL_CERT_FILE: certificates };
    const child = new Process(name, command, [program, JSON.stringify(job)], env);
    await child.hear();
    return new ClientProcess(child);
  }

  /** Makes this many exchanges, and returns what they took. */
  async exchanges(count: number): Promise<Taken> {
    this.#process.say(count);
    return this.#process.hear<Taken>();
  }

  stop(): void {
    this.#process.stop();
  }
}

const PYTHON_COMMAND = 'python3';

/** Undefined if there is no Python 3. */
export function pythonVersion(): string | undefined {
  return /^Python (3\S+)/.exec(spawnSync(PYTHON_COMMAND, ['--version'], { encoding: 'utf8' }).stdout)?.[1];
}
