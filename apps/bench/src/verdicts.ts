import { TARGETS, type Target } from './targets.js';
import type { GrowthFound } from './growth.js';
import type { Result } from './rounds.js';
import { FLOOR, OURS } from './scenarios.js';

/** Whether a target is met. */
export interface Verdict {
  readonly scenario: string;
  readonly who: string;
  /** What is required, and what was measured: `≥ 0.90 × socket`, `1.02`. */
  readonly target: string;
  readonly found: string;
  /** The same ratio for the bare socket: if that misses the target, no client can meet it on this machine. */
  readonly floor: string;
  readonly met: boolean;
}

/** Work with a larger exponent grows faster than linearly. */
const LINEAR = 1.05;

/** The verdicts on all targets for what was measured. */
export function verdicts(results: readonly Result[], grown: readonly GrowthFound[]): Verdict[] {
  return [
    ...results.flatMap((result) =>
      TARGETS.filter(({ scenario }) => scenario === result.scenario.name).flatMap((target) =>
        judge(target, result),
      ),
    ),
    ...grown.map(({ name, exponent }) => ({
      scenario: 'growth',
      who: name,
      target: `exponent ≤ ${LINEAR}`,
      found: exponent.toFixed(2),
      floor: '',
      met: exponent <= LINEAR,
    })),
  ];
}

function judge(target: Target, { scenario, rows, ratio }: Result): Verdict | [] {
  const { who } = target;
  const common = { scenario: scenario.title, who };
  if ('below' in target) {
    const { memory } = rows.find(({ client }) => client === who)!;
    return {
      ...common,
      target: `grows by < ${target.below} MiB`,
      found: memory.toFixed(1),
      floor: '',
      met: memory < target.below,
    };
  }
  const { than, atLeast } = target;
  const found = ratio(who, than);
  if (found === undefined) return [];
  return {
    ...common,
    target: `≥ ${atLeast.toFixed(2)} × ${than}`,
    // Rounded down, so that 1.298 does not read as 1.30.
    found: (Math.floor(found * 100) / 100).toFixed(2),
    floor: than === FLOOR || than.startsWith(OURS) ? '' : (ratio(FLOOR, than)?.toFixed(2) ?? ''),
    met: found >= atLeast,
  };
}
