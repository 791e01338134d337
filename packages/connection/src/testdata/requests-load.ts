import { readFileSync } from 'node:fs';

// Loads what scripts/record-requests.py wrote, with the defaults that it omits.

/** A text in ISO-8859-1; a long run of one character is given by its count. */
type Text = string | (string | [string, number])[];

/** A body by its kind, or a value that is not a body (null, a number). */
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

/** A call: its name in the reference, and its arguments. */
export type Call = [name: string, ...rest: unknown[]];

/** The outcome of the calls. */
export interface RequestOutcome {
  /** The class of the constructor's error. */
  refused?: string;
  /** What was sent, for each connection that was opened. */
  wire: string[];
  /** The classes of the errors of the calls, by their index. */
  errors: Record<string, string>;
}

export interface RequestVector {
  name: string;
  connection: [host: string, port?: number];
  blockSize: number | undefined;
  /** The peer announces in its responses that it will close, and does. */
  closing: boolean;
  calls: Call[];
  /** What the reference did. */
  recorded: RequestOutcome;
  /** The rule by which this client differs on purpose, and the resulting outcome. */
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

/** The rules by which requests differ from the reference's: their names, and their text in the specification. */
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
