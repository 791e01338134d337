import type { Tolerance } from '@http-client/headers';

import type { Answer, Fault, Fields, Head, Interim, Judgement, Verdict } from './fuzz-verdict.js';

// A second implementation of RFC 9112, and of what this project promises in addition, to compare the client with. It is
// slow, takes the whole input at once, uses regular expressions on text, and shares nothing with the sources but names.

/** The client's default limits. */
const MAX_LINE = 65_536;
const MAX_FIELDS = 100;
const MAX_INTERIM = 100;
const MAX_SIZE = 2n ** 53n - 1n;

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Anything other than field-vchar, obs-text, a space or a tab. */
const CONTROL = /[^\t\x20-\x7e\x80-\xff]/;

/** The available bytes end before what is being read does. */
class Short extends Error {
  constructor(readonly expected?: number) {
    super();
  }
}

class Refusal extends Error {
  readonly rules: readonly Tolerance[];
  constructor(
    override readonly name: string,
    ...rules: Tolerance[]
  ) {
    super();
    this.rules = rules;
  }
}

interface Line {
  readonly text: string;
  readonly offset: number;
  readonly bare: boolean;
}

/** The position in the stream, and what has been found so far. */
class Reading {
  at = 0;
  readonly violations: Verdict['violations'] = [];
  constructor(readonly stream: string) {}

  get rest(): string {
    return this.stream.slice(this.at);
  }

  line(): Line {
    const offset = this.at;
    const found = this.stream.indexOf('\n', offset);
    const end = found < 0 ? this.stream.length : found;
    if (end - offset >= MAX_LINE) throw new Refusal('LineTooLong');
    if (found < 0) throw new Short();
    this.at = found + 1;
    const bare = this.stream[found - 1] !== '\r' || found === offset;
    return { text: this.stream.slice(offset, bare ? found : found - 1), offset, bare };
  }
}

/** Judges the response as strict mode should. */
export function judge(answer: Answer): Judgement {
  const reading = new Reading(answer.stream);
  const verdict: Verdict = { body: '', ending: 'complete', violations: [], reusable: false };
  let start = 0;
  try {
    const interim: Interim[] = [];
    let head: Head;
    while ((head = readHead(reading)).status < 200 && head.status !== 101) {
      const { status, reason, fields } = head;
      if (interim.push({ status, reason, fields }) > MAX_INTERIM) throw new Refusal('HTTPException');
      start = reading.at;
    }
    const { kind, length, willClose } = frame(head, answer, reading, start);
    verdict.head = { ...head, interim, chunked: kind === 'chunked', willClose };
    // Violations are reported by the response, whatever happens to its body.
    verdict.violations = reading.violations;
    if (kind === 'chunked') readChunks(reading, verdict);
    else readData(reading, kind === 'close' ? reading.rest.length : length, verdict);
    // Only a proper end of the stream ends a body without a length.
    if (kind === 'close' && answer.end !== 'fin') throw new Short();
    verdict.reusable = answer.end === 'open' && reading.rest === '' && kind !== 'switched' && !willClose;
    return { verdict, excess: reading.rest, switched: kind === 'switched', rules: [] };
  } catch (thrown) {
    const inBody = verdict.head !== undefined;
    verdict.ending = ending(thrown, answer, inBody, start);
    const rules = thrown instanceof Refusal ? thrown.rules : inBody ? (['truncated-body'] as const) : [];
    return { verdict, excess: '', switched: false, rules };
  }
}

/** RFC 9112, section 8, for what the end of the stream truncates; `start` is where the head begins. */
function ending(thrown: unknown, answer: Answer, inBody: boolean, start: number): 'waiting' | Fault {
  const { stream, end } = answer;
  const reset = end === 'reset';
  const delivery = stream === '' ? 'sent' : 'answered';
  if (thrown instanceof Refusal) return { name: thrown.name, delivery };
  if (!(thrown instanceof Short)) throw thrown;
  if (end === 'open') return 'waiting';
  if (inBody) return { name: 'IncompleteRead', delivery, expected: thrown.expected, reset };
  if (reset) return { name: 'Error', delivery, reset };
  const rest = stream.slice(start);
  if (rest === '') return { name: 'RemoteDisconnected', delivery };
  // A few bytes of something else are not a truncated response.
  const begun = rest.slice(0, 7) === 'HTTP/1.'.slice(0, rest.length);
  return begun
    ? { name: 'IncompleteRead', delivery, expected: undefined, reset }
    : { name: 'BadStatusLine', delivery };
}

/** RFC 9112, sections 2.2 and 4. */
function readHead(reading: Reading): Head {
  const { text } = reading.line();
  const [, version = '', code = '', reason = '', tail] =
    /^HTTP\/([^ ]*) ([1-9][0-9]{2})(?: ([^]*)|([^]+))?$/.exec(text) ?? [];
  if (!/^[0-9]+(\.[0-9]+)?$/.test(version) || tail !== undefined) throw new Refusal('BadStatusLine');
  if (!version.startsWith('1.')) throw new Refusal('UnknownProtocol');
  if (version.length !== 3 || CONTROL.test(reason)) throw new Refusal('BadStatusLine');
  const fields = readFields(reading, false);
  return { version: version === '1.0' ? 10 : 11, status: Number(code), reason: trim(reason), fields };
}

/** RFC 9112, section 5, up to the blank line. */
function readFields(reading: Reading, inTrailers: boolean): Fields {
  const fields: [string, string][] = [];
  const folds: Verdict['violations'] = [];
  for (let count = 0; ; count++) {
    // One byte too many is enough to reject it, except for a CR, which may begin the blank line.
    if (count === MAX_FIELDS && !/^\r?(\n|$)/.test(reading.rest.slice(0, 2)))
      throw new Refusal('TooManyHeaders');
    const { text, offset, bare } = reading.line();
    if (text !== '') readField(text, offset, fields, folds);
    if (bare && inTrailers) throw new Refusal('InvalidChunk', 'bare-lf-in-chunks');
    if (text === '') break;
  }
  reading.violations.push(...folds);
  return fields.map(([name, value]) => [name, trim(value)]);
}

function readField(
  text: string,
  offset: number,
  fields: [string, string][],
  folds: Verdict['violations'],
): void {
  const [control] = CONTROL.exec(text) ?? [];
  if (control === '\r') throw new Refusal('InvalidHeader', 'bare-cr');
  if (control !== undefined) throw new Refusal('InvalidHeader');
  const last = fields.at(-1);
  if (/^[ \t]/.test(text)) {
    if (last === undefined) throw new Refusal('InvalidHeader', 'malformed-field-line');
    last[1] += ` ${trim(text)}`;
    folds.push({ rule: 'obsolete-fold', offset });
    return;
  }
  const [, name = '', blanks = '', value = ''] = /^([^:]*?)([ \t]*):(.*)$/s.exec(text) ?? [];
  if (!TOKEN.test(name)) throw new Refusal('InvalidHeader', 'malformed-field-line');
  if (blanks !== '') throw new Refusal('InvalidHeader', 'space-before-colon');
  fields.push([name, trim(value)]);
}

interface Framing {
  readonly kind: 'none' | 'switched' | 'length' | 'chunked' | 'close';
  readonly length: number;
  readonly willClose: boolean;
}

/** RFC 9112, section 6.3, and 9.3 for whether the connection persists; `start` is where the head begins. */
function frame(head: Head, answer: Answer, reading: Reading, start: number): Framing {
  const { version, status, fields } = head;
  const options = list(fields, 'connection').map((option) => option.toLowerCase());
  const codings = list(fields, 'transfer-encoding');
  // HTTP/1.0 has no transfer codings (section 6.1).
  const keeps = version === 11 || (options.includes('keep-alive') && codings.length === 0);
  const closes = options.includes('close') || !keeps;
  if (status === 101 && !answer.upgrade) throw new Refusal('HTTPException');
  if (status === 101 || (answer.method === 'CONNECT' && status < 300))
    return { kind: 'switched', length: 0, willClose: false };
  if (answer.method === 'HEAD' || status === 204 || status === 304)
    return { kind: 'none', length: 0, willClose: closes };

  const lengths = list(fields, 'content-length');
  if (codings.length > 0) {
    if (codings.length > 1 || codings[0]?.toLowerCase() !== 'chunked')
      throw new Refusal('UnknownTransferEncoding', 'unknown-transfer-coding');
    const both = lengths.length > 0;
    if (both) reading.violations.push({ rule: 'content-length-with-transfer-encoding', offset: start });
    return { kind: 'chunked', length: 0, willClose: closes || both };
  }
  if (lengths.length > 0) {
    if (!lengths.every((length) => /^[0-9]+$/.test(length) && BigInt(length) <= MAX_SIZE))
      throw new Refusal('InvalidHeader', 'invalid-content-length');
    if (new Set(lengths).size > 1) throw new Refusal('InvalidHeader', 'conflicting-content-length');
    return { kind: 'length', length: Number(lengths[0]), willClose: closes };
  }
  return { kind: 'close', length: 0, willClose: true };
}

function readData(reading: Reading, size: number, verdict: Verdict): void {
  const data = reading.stream.slice(reading.at, reading.at + size);
  verdict.body += data;
  reading.at += data.length;
  if (data.length < size) throw new Short(size - data.length);
}

/** RFC 9112, section 7.1. */
function readChunks(reading: Reading, verdict: Verdict): void {
  for (;;) {
    const size = readChunkSize(reading);
    if (size === 0) break;
    readData(reading, size, verdict);
    const after = reading.rest.slice(0, 2);
    if (after[0] === '\n') throw new Refusal('InvalidChunk', 'bare-lf-in-chunks', 'missing-chunk-crlf');
    if (!'\r\n'.startsWith(after)) throw new Refusal('InvalidChunk', 'missing-chunk-crlf');
    if (after.length < 2) throw new Short();
    reading.at += 2;
  }
  verdict.trailers = readFields(reading, true);
}

// What a quoted string may contain; extensions with closed strings; and what comes before them.
const INSIDE = String.raw`(?:[\t !\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*`;
const EXTENSION = String.raw`;(?:[\t !\x23-\x7e\x80-\xff]|"${INSIDE}")*`;
const SIZE = String.raw`[0-9A-Fa-f]+[ \t]*`;
const SIZE_BEGUN = new RegExp(
  String.raw`^(?:${SIZE}(?:(?:${EXTENSION})?(?:\r\n?)?|${EXTENSION}"${INSIDE}\\?))?$`,
);
const SIZE_BARE = new RegExp(String.raw`^${SIZE}(?:${EXTENSION})?\n$`);

/**
 * The line before a chunk's data. It is rejected at the first byte that cannot be part of one, whether or not more
 * follow.
 */
function readChunkSize(reading: Reading): number {
  const found = reading.stream.indexOf('\n', reading.at);
  const line = reading.stream.slice(reading.at, found < 0 ? undefined : found + 1).slice(0, MAX_LINE);
  const digits = /^[0-9A-Fa-f]*/.exec(line)?.[0] ?? '';
  if (!SIZE_BEGUN.test(line)) {
    if (SIZE_BARE.test(line)) throw new Refusal('InvalidChunk', 'bare-lf-in-chunks');
    const inNumber = !/^[0-9A-Fa-f]+[ \t]*[;\r]/.test(line);
    throw inNumber ? new Refusal('InvalidChunk', 'invalid-chunk-size') : new Refusal('InvalidChunk');
  }
  if (digits !== '' && BigInt(`0x${digits}`) > MAX_SIZE)
    throw new Refusal('InvalidChunk', 'invalid-chunk-size');
  if (!line.endsWith('\n')) {
    if (reading.rest.length > MAX_LINE) throw new Refusal('LineTooLong');
    throw new Short();
  }
  reading.at += line.length;
  return Number.parseInt(digits, 16);
}

/** The elements of all fields with that name, as one list. */
function list(fields: Fields, name: string): string[] {
  return fields
    .filter(([other]) => other.toLowerCase() === name)
    .flatMap(([, value]) => value.split(','))
    .map(trim);
}

function trim(text: string): string {
  return text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '');
}
