import { FLOOR, OURS, type Scenario } from './scenarios.js';

/** A target for one figure of a scenario. */
export type Target = {
  readonly scenario: string;
  /** The client that must meet it. */
  readonly who: string;
} & (
  | {
      /** The client to compare with, and how many times as fast as it, by CPU time. */
      readonly than: string;
      readonly atLeast: number;
    }
  | {
      /** The process must grow by less than this, in MiB. */
      readonly below: number;
    }
);

const INTO = `${OURS}, readInto`;
const ITERATION = `${OURS}, iteration`;

function ratios(scenario: string, who: string, least: Readonly<Record<string, number>>): Target[] {
  return Object.entries(least).map(([than, atLeast]) => ({ scenario, who, than, atLeast }));
}

export const TARGETS: readonly Target[] = [
  ...ratios('get-50', OURS, {
    [FLOOR]: 0.9,
    'undici.request': 1.8,
    'undici.dispatch': 1.3,
    'node:http': 5,
    fetch: 10,
    // Strictness may cost 3 %, and a timeout (below) 5 %.
    [`${OURS}, strict: false`]: 0.97,
  }),
  ...ratios('get-50', `${OURS}, timeout`, { [OURS]: 0.95 }),
  ...ratios('get-1', OURS, { [FLOOR]: 0.9, 'undici.request': 1.7 }),
  ...ratios('fields-30', OURS, { [FLOOR]: 0.9, 'undici.request': 2.2 }),
  ...ratios('post', OURS, { [FLOOR]: 0.9, 'undici.request': 2 }),
  ...ratios('tls', OURS, { [FLOOR]: 0.9, 'undici.request': 1.8 }),
  ...ratios('short', OURS, { [FLOOR]: 0.9, 'undici.request': 1.5 }),
  ...ratios('down', INTO, { [FLOOR]: 1, 'undici.request': 5 }),
  ...ratios('down', ITERATION, { [FLOOR]: 0.8, 'undici.request': 2.5 }),
  { scenario: 'down', who: INTO, below: 16 },
  ...ratios('chunks-1k', INTO, { 'undici.request': 2.5 }),
  ...ratios('chunks-1k', ITERATION, { 'undici.request': 1.3 }),
  ...ratios('up', OURS, { [FLOOR]: 0.9, 'undici.request': 1 }),
  { scenario: 'up', who: OURS, below: 16 },
  ...ratios('parse-30', 'parseHeaderBlock', { 'http-parser-js': 3.2, llhttp: 1 }),
  // Observers that are not used may cost nothing: 2 % is how much two measurements of the same thing differ.
  ...ratios('observers', OURS, { [`${OURS}, observing code cut out`]: 0.98 }),
];

/** Whether a target is for the scenario of this name. */
export function hasTarget(name: string): boolean {
  return TARGETS.some(({ scenario }) => scenario === name);
}

/**
 * The scenario with only the clients that a target names; if it has no target, with this client and the bare socket.
 */
export function judgedOnly(scenario: Scenario): Scenario {
  const targets = TARGETS.filter((target) => target.scenario === scenario.name);
  const named = new Set(
    targets.flatMap((target) => [target.who, 'than' in target ? target.than : target.who]),
  );
  return {
    ...scenario,
    entrants: scenario.entrants.filter(({ name, driver }) =>
      targets.length > 0
        ? named.has(name.replace(/, before$/, ''))
        : scenario.answer === undefined || driver === OURS || name === OURS || name === FLOOR,
    ),
  };
}
