import { cannotUse } from '@http-client/errors';

/**
 * The rules of strict parsing that a caller may relax individually; relaxing one changes no other.
 *
 * `'obsolete-fold'` and `'content-length-with-transfer-encoding'` are always tolerated, and always listed.
 */
export const TOLERANCES = [
  'bare-cr',
  'bare-lf-in-chunks',
  'space-before-colon',
  'malformed-field-line',
  'conflicting-content-length',
  'invalid-content-length',
  'unknown-transfer-coding',
  'invalid-chunk-size',
  'missing-chunk-crlf',
  'truncated-body',
  'content-length-with-transfer-encoding',
  'obsolete-fold',
] as const;

/**
 * Validates rules that a caller names: a misspelt one would have no effect. Returns a copy: what is added to the
 * caller's array later has not been validated.
 *
 * @throws TypeError
 * @internal
 */
export function checkTolerances(rules: unknown = []): readonly Tolerance[] {
  const known: readonly unknown[] = TOLERANCES;
  if (!Array.isArray(rules)) throw cannotUse(rules, 'tolerate', 'expected an array');
  for (const rule of rules) {
    if (!known.includes(rule))
      throw cannotUse(rule, 'a rule to tolerate', `expected one of ${known.join(', ')}`);
  }
  return [...(rules as Tolerance[])];
}

/** One of {@link TOLERANCES}. */
export type Tolerance = (typeof TOLERANCES)[number];

/** One use of a tolerance: which rule was broken, and where. */
export interface Violation {
  /** The rule that was broken. */
  rule: Tolerance;
  /** The offset of the byte at fault; what it is relative to is documented where violations are listed. */
  offset: number;
  /** What is wrong, in words, for a log. */
  detail: string;
}
