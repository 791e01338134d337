import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { bind } from './cpus.js';
import { PYTHON } from './drivers.js';
import type { Serving } from './server.js';
import type { Job } from './task.js';
import type { Taken } from './worker.js';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The processes that have not ended. They end with this one, whatever they are doing. */
const running = new Set<Process>();
process.on('exit', () => {
  for (const each of running) each.stop();
});

/** A process that answers each line it is sent with a line of JSON. It ends when its standard input does. */
class Process {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #what: string;

  constructor(what: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#what = what;
    const options = { stdio: ['pipe', 'pipe', 'inherit'] as ['pipe', 'pipe', 'inherit'] };
    // In a process group of its own: Ctrl-C is sent to this process, which ends the others. And in the locale that every
    // machine has: where python3 is a script of a shell, that would warn of one that is not installed.
    const child = spawn(command, args, {
      ...options,
      detached: true,
      env: { ...process.env, LC_ALL: 'C', ...env },
    });
    this.#process = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    // A process that cannot be started, or has ended, sends no line: that is what is reported.
    for (const each of [child, child.stdin]) each.on('error', () => undefined);
    running.add(this);
    child.on('close', () => running.delete(this));
  }

  async hear<T>(): Promise<T> {
    const next = await this.#lines.next();
    const message = (next.done === true ? { error: 'its process ended' } : JSON.parse(next.value)) as {
      error?: string;
    };
    if (message.error !== undefined) throw new Error(`Cannot measure ${this.#what}: ${message.error}`);
    return message as T;
  }

  /** Binds it to the CPUs for its role from now on. */
  bind(role: 'server' | 'clients'): void {
    bind(this.#process.pid, role);
  }

  say(message: unknown): void {
    this.#process.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  stop(): void {
    this.#process.kill('SIGKILL');
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
    child.bind('server');
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

  /** `certificates` is a file with trusted certificates. */
  constructor(name: string, job: Job, certificates: string | undefined) {
    const [command, program] =
      job.driver === PYTHON
        ? [PYTHON_COMMAND, path('../src/clients/http_client.py')]
        : [process.execPath, path('./worker.js')];
    const env =
      certificates === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificates, SSL_CERT_FILE: certificates };
    this.#process = new Process(name, command, [program, JSON.stringify(job)], env);
  }

  /** Waits until it is ready to make exchanges. */
  async ready(): Promise<void> {
    await this.#process.hear();
  }

  /** Keeps it off the server's CPU from now on. */
  bind(): void {
    this.#process.bind('clients');
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
