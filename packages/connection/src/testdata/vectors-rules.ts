import { readFileSync } from 'node:fs';

/** The name of a rule by which this client differs from the reference on purpose. */
export type Rule =
  | 'interim bound'
  | 'trailer bound'
  | 'no allocation'
  | 'idle after errors'
  | 'reconnects'
  | 'stray bytes'
  | 'given up'
  | 'line bound'
  | 'fields'
  | 'fold'
  | 'three digits'
  | 'no body'
  | 'tunnel'
  | 'unasked 101'
  | 'other version'
  | 'chunk size'
  | 'peek'
  | "next call's fault"
  | 'limit'
  | 'closed'
  | 'partial'
  | 'expected'
  | 'length'
  | 'negative'
  | 'rejected'
  /** Not a rule: the reference's documentation leaves open how much `read1` and `peek` return. */
  | 'open';

/** The rules in the words of the project's specification. */
export const RULES = JSON.parse(readFileSync(new URL('./rules.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;
