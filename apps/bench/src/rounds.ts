import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { generate } from 'selfsigned';

import { PYTHON } from './drivers.js';
import { median } from './fit.js';
import { ClientProcess, ServerProcess } from './processes.js';
import type { Entrant, Scenario } from './scenarios.js';
import type { Taken } from './worker.js';

export interface Effort {
  /** Processes per client, one after the other. */
  readonly rounds: number;
  /** Measurements per process, in turns with the other clients; medians of all turns are reported. */
  readonly slices: number;
  /** The approximate length of a measurement, in milliseconds of CPU time. */
  readonly slice: number;
  /** The longest warm-up before the first measurement, in milliseconds; a third of it unless the unit is a request. */
  readonly warmUp: number;
}

/** The figures of one client. */
export interface Row {
  readonly client: string;
  /** Microseconds of CPU time per unit: user and system, all threads. */
  readonly cpu: number;
  /** Units per second. */
  readonly rate: number;
  /** The most that the process has grown by, in MiB. */
  readonly memory: number;
}

export interface Result {
  readonly scenario: Scenario;
  readonly rows: readonly Row[];
  /**
   * How many times as fast one client is as another, by CPU time: the median of the turns. Undefined if one is missing.
   */
  readonly ratio: (client: string, other: string) => number | undefined;
}

/** The figures of one turn, by client. */
type Turn = ReadonlyMap<string, Row>;

/** Measures all clients of a scenario, round by round. */
export async function measure(scenario: Scenario, effort: Effort, python: boolean): Promise<Result> {
  const entrants = scenario.entrants.filter(({ driver }) => python || driver !== PYTHON);
  const secure = scenario.task.secure ? await certificate() : undefined;
  const server = await start(scenario, secure?.identity);
  const turns: Turn[] = [];
  try {
    for (let rounds = Math.max(effort.rounds, scenario.rounds ?? 1); rounds > 0; rounds--) {
      turns.push(...(await round(scenario, entrants, effort, server?.port ?? 0, secure?.file)));
    }
  } finally {
    server?.stop();
    secure?.dispose();
  }
  // Medians: what else the machine does makes a few of the turns take twice as long.
  const of = (client: string, figure: 'cpu' | 'rate' | 'memory'): number =>
    median(turns.map((turn) => turn.get(client)![figure]));
  return {
    scenario,
    rows: entrants.map(({ name }) => ({
      client: name,
      cpu: of(name, 'cpu'),
      rate: of(name, 'rate'),
      memory: of(name, 'memory'),
    })),
    ratio: (client, other) =>
      turns[0]!.has(client) && turns[0]!.has(other)
        ? median(turns.map((turn) => turn.get(other)!.cpu / turn.get(client)!.cpu))
        : undefined,
  };
}

async function start(
  { answer, task, least = 0 }: Scenario,
  identity: Identity | undefined,
): Promise<ServerProcess | undefined> {
  if (answer === undefined) return undefined;
  const { body, closes } = task;
  const requestEnd =
    typeof body === 'string' ? body.slice(-8) : body === undefined ? '\r\n\r\n' : '\r\n0\r\n\r\n';
  return ServerProcess.start({ answer, least, requestEnd, closes, identity });
}

/**
 * Starts every client in a new process and measures them in turns: other load on the machine then affects them alike.
 */
async function round(
  scenario: Scenario,
  entrants: readonly Entrant[],
  { slices, slice, warmUp }: Effort,
  port: number,
  certificates: string | undefined,
): Promise<Turn[]> {
  const { task, connections, unit, units, patience = 1, once = false } = scenario;
  const longest = unit === 'request' ? warmUp * patience : warmUp / 3;
  const clients = entrants.map(({ name, driver, settings = {} }) => {
    const job = { task, port, driver, settings, connections };
    const process = new ClientProcess(`${name}, ${scenario.name}`, job, certificates);
    return { name, process, turns: [] as Taken[] };
  });
  try {
    await Promise.all(clients.map(({ process }) => process.ready()));
    // All at the same time and on any CPU, which is faster: nothing is measured yet.
    const counts = await Promise.all(
      clients.map(async ({ process }) => (once ? 1 : warm(process, connections, slice, longest))),
    );
    for (const { process } of clients) process.bind();
    for (let turn = 0; turn < (once ? 1 : slices); turn++) {
      // Every other turn backwards: what a client leaves in the caches otherwise always affects the same one.
      const order = turn % 2 === 0 ? clients : clients.toReversed();
      for (const client of order) {
        client.turns.push(await client.process.exchanges(counts[clients.indexOf(client)]!));
      }
    }
    return clients[0]!.turns.map((_, turn) => {
      const rows = clients.map(({ name, turns }, at) => {
        const { cpu, wall } = turns[turn]!;
        const amount = counts[at]! * units;
        const memory = turns.at(-1)!.memory / 2 ** 20;
        return [
          name,
          { client: name, cpu: (cpu * 1000) / amount, rate: (amount * 1000) / wall, memory },
        ] as const;
      });
      return new Map(rows);
    });
  } finally {
    for (const { process } of clients) process.stop();
  }
}

/** After this many exchanges V8 has compiled what it will; before, a small exchange takes up to four times as long. */
const COMPILED = 20_000;

/** Works until the code is compiled, and returns how many exchanges take one slice. */
async function warm(client: ClientProcess, least: number, slice: number, warmUp: number): Promise<number> {
  let count = least;
  for (let warmed = 0, made = 0; ;) {
    const { cpu } = await client.exchanges(count);
    warmed += cpu;
    made += count;
    const fitting = Math.max(least, Math.round((count * slice) / Math.max(cpu, 0.1)));
    if (warmed >= warmUp || made >= COMPILED) return fitting;
    count = Math.min(fitting, count * 4);
  }
}

interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** A certificate for 127.0.0.1, and a file with it for clients to trust. */
async function certificate(): Promise<{ identity: Identity; file: string; dispose: () => void }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  const folder = mkdtempSync(join(tmpdir(), 'http-client-bench-'));
  const file = join(folder, 'certificate.pem');
  writeFileSync(file, cert);
  const dispose = (): void => {
    process.off('exit', dispose);
    rmSync(folder, { recursive: true });
  };
  process.on('exit', dispose);
  return { identity: { cert, key }, file, dispose };
}
