import { spawnSync } from 'node:child_process';

/** CPUs as `taskset` writes them: `0,2-3`. */
interface Division {
  readonly server: string;
  readonly clients: string;
}

/**
 * One CPU for the server, and the others for the clients, as if the server were elsewhere. Otherwise the scheduler has
 * them share one in some turns and not in others, and a small GET takes half as long if no sleeping CPU has to be
 * woken. Undefined where processes cannot be bound, and where there is only one CPU.
 */
export const CPUS = divide();

function divide(): Division | undefined {
  const cpus = allowed();
  const server = cpus.at(-1);
  return server === undefined || cpus.length < 2
    ? undefined
    : { server: String(server), clients: cpus.slice(0, -1).join(',') };
}

/** Binds all threads of a process to the CPUs for its role. If it has ended, there is nothing to bind. */
export function bind(pid: number | undefined, role: keyof Division): void {
  if (CPUS !== undefined && pid !== undefined) taskset('-a', '-p', '-c', CPUS[role], String(pid));
}

/** The CPUs that this process may use, which may be fewer than there are; none if that cannot be found out. */
function allowed(): number[] {
  // "pid 4711's current affinity list: 0,2-3"
  const list = /[\d,-]+$/.exec(taskset('-p', '-c', String(process.pid)).trimEnd())?.[0] ?? '';
  return list.split(',').flatMap((range) => {
    const [first = NaN, last = first] = range.split('-').map(Number);
    return first >= 0 && last >= first ? Array.from({ length: last - first + 1 }, (_, at) => first + at) : [];
  });
}

/** What it printed; nothing if there is no such command: it belongs to Linux. */
function taskset(...args: string[]): string {
  const { stdout, error } = spawnSync('taskset', args, { encoding: 'utf8' });
  return error === undefined ? stdout : '';
}
