import { type Answer, chunked, json, sized, wireLength } from './answers.js';
import type { Settings, Task } from './task.js';

/** A client that takes part in a scenario: its name in the table, its driver, and the driver's settings. */
export interface Entrant {
  readonly name: string;
  readonly driver: string;
  readonly settings?: Settings;
}

export interface Scenario {
  readonly name: string;
  /** What is measured, as shown in the table. */
  readonly title: string;
  /** The unit of the figures, and how many of them an exchange has. */
  readonly unit: 'request' | 'MiB' | 'head' | 'import' | 'start';
  readonly units: number;
  readonly task: Task;
  /** Absent if there is no server. */
  readonly answer?: Answer;
  /** The least number of bytes in a request. */
  readonly least?: number;
  readonly connections: number;
  readonly entrants: readonly Entrant[];
  /** The least number of rounds. */
  readonly rounds?: number;
  /** How many times as long as usual its warm-up may take; 1 if absent. */
  readonly patience?: number;
  /** Whether each process does it only once, without warming up. */
  readonly once?: boolean;
}

const MIB = 2 ** 20;

// Who takes part

export const FLOOR = 'socket';
export const OURS = 'http-client';
const PARSER = 'parseHeaderBlock';

const byName = (...names: string[]): Entrant[] => names.map((name) => ({ name, driver: name }));
const ours = (suffix: string, settings: Settings): Entrant => ({
  name: `${OURS}, ${suffix}`,
  driver: OURS,
  settings,
});

const PEERS = byName('undici.request', 'undici.dispatch', 'node:http', 'fetch', 'got', 'axios');
const PYTHON = byName('python');
const PLAIN = [...byName(FLOOR, OURS), ...PEERS];
const BLOCKS = [
  ...byName(FLOOR),
  ours('readInto', { way: 'readInto' }),
  ours('iteration', { way: 'iteration' }),
  ...PEERS,
  ...PYTHON,
];
/** The least that an API with three promises per exchange can cost. */
const LEAST = byName('least');
const PARSERS = byName(PARSER, 'http-parser-js', 'llhttp');
const MODULES = ['@http-client/client', 'undici', 'node:http', 'got', 'axios'].map((module) => ({
  name: module,
  driver: 'loading',
  settings: { module },
}));

/** The clients in a new process, which makes only so many exchanges. */
const firsts = (exchanges: number): Entrant[] =>
  PLAIN.map(({ name, driver }) => ({ name, driver: 'first', settings: { client: driver, exchanges } }));

// What is done

const GET: Omit<Task, 'bytes' | 'wire'> = {
  method: 'GET',
  take: 'whole',
  fields: 6,
  secure: false,
  closes: false,
};

interface Kind extends Partial<Omit<Scenario, 'name' | 'title' | 'task'>> {
  readonly task?: Partial<Task>;
}

function asked(name: string, title: string, answer: Answer, kind: Kind = {}): Scenario {
  const { task, ...rest } = kind;
  const bytes = bodyLength(answer);
  return {
    name,
    title,
    unit: 'request',
    units: 1,
    answer,
    connections: 1,
    entrants: [...PLAIN, ...PYTHON],
    task: { ...GET, bytes, wire: wireLength(answer), ...task },
    ...rest,
  };
}

function bodyLength({ head, block, times }: Answer): number {
  const chunk = /chunked\r\n/.test(head) ? /^[\da-f]+/.exec(block)?.[0] : undefined;
  if (chunk === undefined) return block.length * times;
  const size = Number.parseInt(chunk, 16);
  return (block.length / (chunk.length + 2 + size + 2)) * size * times;
}

function inBlocks(name: string, title: string, answer: Answer, kind: Kind = {}): Scenario {
  return asked(name, title, answer, {
    unit: 'MiB',
    units: bodyLength(answer) / MIB,
    entrants: BLOCKS,
    task: { take: 'blocks' },
    ...kind,
  });
}

/** A scenario without a server: a head in memory is parsed, a module is loaded, or the exchange is in memory. */
function alone(
  name: string,
  title: string,
  unit: Scenario['unit'],
  entrants: Entrant[],
  fields = 0,
): Scenario {
  return {
    name,
    title,
    unit,
    units: 1,
    connections: 1,
    entrants,
    task: { ...GET, fields, bytes: 0, wire: 0 },
  };
}

/** The fields that a service sends with each call of an API. */
const SENT = {
  Authorization: 'Bearer 6b1d3f5a7c9e0b2d4f6a8c0e',
  Accept: 'application/json',
  'User-Agent': 'a-service/1.0',
  'X-Request-Id': '7f0c1d4e-9b2a-4c57-8f3e-5d6a7b8c9d0e',
  'Accept-Language': 'en',
};

const POSTED = '{"name":"an item of some length","count":17,"tags":["one","two"],"note":"posted"}';

/**
 * All scenarios. `mebibytes` is the size of large bodies. If `before` is the module of another build of this client,
 * that build takes part wherever this one does.
 */
export function scenarios(mebibytes: number, before?: string): readonly Scenario[] {
  const scenarios = table(mebibytes);
  if (before === undefined) return scenarios;
  return scenarios.map((scenario) => ({
    ...scenario,
    entrants: scenario.entrants.flatMap((entrant) =>
      [OURS, PARSER].includes(entrant.driver)
        ? [
            entrant,
            {
              ...entrant,
              name: `${entrant.name}, before`,
              settings: { ...entrant.settings, module: before },
            },
          ]
        : [entrant],
    ),
  }));
}

function table(mebibytes: number): Scenario[] {
  const size = mebibytes * MIB;
  return [
    asked('get-50', 'small GET, 50 connections', sized(100), {
      connections: 50,
      entrants: [
        ...PLAIN,
        ...LEAST,
        ours('strict: false', { options: { strict: false } }),
        ours('timeout', { options: { timeout: 30_000 } }),
      ],
    }),
    asked('get-1', 'small GET, one connection', sized(100), { entrants: [...PLAIN, ...LEAST, ...PYTHON] }),
    asked('fields-30', '30 fields, all read', sized(100, 30), { task: { take: 'fields', fields: 30 } }),
    asked('post', 'small POST', sized(100), {
      task: { method: 'POST', body: POSTED },
    }),
    asked('api', 'call of an API: five fields, JSON', json(), {
      connections: 50,
      entrants: byName(FLOOR, OURS, 'undici.request', 'node:http', 'fetch'),
      task: { take: 'json', sent: SENT },
    }),
    asked('tls', 'small GET, TLS', sized(100), { task: { secure: true } }),
    asked('tls-50', 'small GET, TLS, 50 connections', sized(100), {
      connections: 50,
      entrants: byName(FLOOR, OURS, 'undici.request', 'node:http', 'fetch'),
      task: { secure: true },
    }),
    asked('short', 'GET on a connection of its own', closing(sized(100)), {
      task: { closes: true },
      // With the usual one, much of the code is not compiled yet on a slow machine, and takes three times as long.
      patience: 3,
    }),
    asked('whole', '10 MiB read whole', sized(10 * MIB), { unit: 'MiB', units: 10 }),
    inBlocks('down', `${mebibytes} MiB down`, sized(size)),
    inBlocks('chunks-1k', 'chunks of 1 KiB', chunked(size / 4, 1024)),
    inBlocks('chunks-64k', 'chunks of 64 KiB', chunked(size, 65_536)),
    asked('up', `${mebibytes} MiB up, from an async iterable`, sized(16, 2), {
      unit: 'MiB',
      units: mebibytes,
      least: size,
      task: { method: 'PUT', body: size, fields: 1 },
    }),
    ...[8, 30, 100].map((fields) =>
      alone(`parse-${fields}`, `head of ${fields} fields, parsed and all read`, 'head', PARSERS, fields),
    ),
    {
      ...alone('observers', 'exchange in memory', 'request', [
        { name: OURS, driver: 'unobserved' },
        {
          name: `${OURS}, observing code cut out`,
          driver: 'unobserved',
          settings: { options: { cut: true } },
        },
        { name: `${OURS}, onWire`, driver: 'unobserved', settings: { options: { observed: true } } },
      ]),
      // The same code differs by more between two processes than the target allows.
      rounds: 5,
    },
    { ...alone('import', 'import', 'import', MODULES), once: true },
    ...[1, 1000].map((count) =>
      asked(`first-${count}`, `import and the first ${times(count)}`, sized(100), {
        unit: 'start',
        entrants: firsts(count),
        once: true,
      }),
    ),
  ];
}

function times(count: number): string {
  return count === 1 ? 'small GET' : `${count.toLocaleString('en')} small GETs`;
}

function closing(answer: Answer): Answer {
  return { ...answer, head: answer.head.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n') };
}
