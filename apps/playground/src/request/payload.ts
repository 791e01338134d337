import { Failure } from '../failure.js';
import { parseSource, type DataSource } from './data.js';
import { jsonSource, type Json } from './json.js';

/** The user's options for the body. */
export interface PayloadOptions {
  readonly header?: Fields;
  readonly data?: string;
  readonly form?: URLSearchParams;
  readonly json?: Json;
  readonly chunked?: boolean;
  readonly expectContinue?: boolean;
}

export type Fields = readonly (readonly [name: string, value: string])[];

/** A body to send, and the fields that belong to it unless the user sets fields with the same names. */
export interface Payload {
  readonly source: DataSource | undefined;
  readonly fields: Fields;
}

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/**
 * Makes the payload that the options describe. Nothing is opened yet.
 *
 * @throws Failure for options that need a body without one, or that contradict each other.
 */
export function payloadOf({ header = [], data, form, json, ...options }: PayloadOptions): Payload {
  const fields: [string, string][] = [];
  let source: DataSource | undefined;
  if (data !== undefined) {
    source = parseSource(data);
  } else if (form !== undefined) {
    source = { text: form.toString() };
    fields.push(['Content-Type', FORM]);
  } else if (json !== undefined) {
    source = jsonSource(json);
    fields.push(['Content-Type', JSON_TYPE], ['Accept', JSON_TYPE]);
  }
  for (const [option, given] of [
    ['--chunked', options.chunked],
    ['--expect-continue', options.expectContinue],
  ] as const) {
    if (given === true && source === undefined) {
      throw new Failure(`Cannot use ${option} without a body: use -d, --form or --json`);
    }
  }
  if (options.chunked === true && header.some(([name]) => /^content-length$/i.test(name))) {
    throw new Failure(
      'Cannot use --chunked with a Content-Length: a body is framed in one way (RFC 9112, section 6.2)',
    );
  }
  if (options.chunked === true) fields.unshift(['Transfer-Encoding', 'chunked']);
  // RFC 9110, section 10.1.1.
  if (options.expectContinue === true) fields.push(['Expect', '100-continue']);
  return { source, fields };
}

/**
 * The fields to send: first those that belong to the body and were not set by the user, then the user's.
 *
 * @param size the body's, if it is known and the body is not in memory.
 */
export function headersOf(
  { header = [], user }: { readonly header?: Fields; readonly user?: string },
  { fields }: Payload,
  size: number | undefined,
): Fields {
  const given = new Set(header.map(([name]) => name.toLowerCase()));
  const own = [...fields, ...(user === undefined ? [] : [['Authorization', user] as const])].filter(
    ([name]) => !given.has(name.toLowerCase()),
  );
  const chunked = own.some(([name]) => name === 'Transfer-Encoding') || given.has('transfer-encoding');
  if (!chunked && size !== undefined && !given.has('content-length')) {
    own.unshift(['Content-Length', String(size)]);
  }
  return [...own, ...header];
}
