import { readFileSync } from 'node:fs';

// What scripts/record-requests.py wrote, with what it leaves out filled in.

/** A text of ISO-8859-1; a long run of one character in it is told by its count. */
type Text = string | (string | [string, number])[];

/** A body by its kind, or what is none (null, a number). */
export type Body = {
  [kind in 'text' | 'bytes' | 'bytearray' | 'memoryview' | 'array' | 'file' | 'textfile']?: Text;
} & {
  [kind in 'iterable' | 'generator' | 'texts']?: Text[];
};
export type Value = string | number | null | { bytes: string };

export interface CallOptions {
  body?: Body | number | boolean | null;
  headers?: [string, Value][];
  chunked?: boolean;
  skipHost?: boolean;
  skipAcceptEncoding?: boolean;
}

/** A call: its name, as the reference has it, and its arguments. */
export type Call = [name: string, ...rest: unknown[]];

/** What came of the calls. */
export interface RequestOutcome {
  /** The class of what the constructor threw. */
  refused?: string;
  /** What was sent, for each connection that was opened. */
  wire: string[];
  /** The classes of what the calls threw, by their place. */
  errors: Record<string, string>;
}

export interface RequestVector {
  name: string;
  connection: [host: string, port?: number];
  blockSize: number | undefined;
  /** The peer says that it closes behind its answers, and does. */
  closing: boolean;
  calls: Call[];
  /** What the reference did. */
  recorded: RequestOutcome;
  /** The rule by which we differ on purpose, and what follows from it. */
  rule: { name: string; expected: RequestOutcome } | undefined;
}

interface RawOutcome {
  refused?: string;
  wire?: Text[];
  errors?: Record<string, string>;
}

interface RawVector extends RawOutcome {
  name: string;
  connection?: [string, number?];
  blockSize?: number;
  closing?: true;
  calls: Call[];
  rule?: RawOutcome & { name: string };
}

/** The vectors of one file. */
export function loadRequests(file: string): RequestVector[] {
  return (read(`requests-${file}`) as RawVector[]).map((raw) => ({
    name: raw.name,
    connection: raw.connection ?? ['a'],
    blockSize: raw.blockSize,
    closing: raw.closing ?? false,
    calls: raw.calls,
    recorded: outcomeOf(raw),
    rule: raw.rule && { name: raw.rule.name, expected: outcomeOf(raw.rule) },
  }));
}

/** The rules by which requests differ from the reference's: their names, and the words of the specification. */
export const REQUEST_RULES = read('requests-rules') as Record<string, string>;

export function textOf(text: Text): string {
  if (typeof text === 'string') return text;
  return text.map((part) => (typeof part === 'string' ? part : part[0].repeat(part[1]))).join('');
}

function outcomeOf({ refused, wire = [], errors = {} }: RawOutcome): RequestOutcome {
  return { ...(refused === undefined ? {} : { refused }), wire: wire.map(textOf), errors };
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), 'utf8'));
}
