import { expect, test } from 'vitest';

import vectors from './testdata/chunked.json' with { type: 'json' };
import { drive, everyWay, type Outcome } from './testdata/drive.js';

/** What http.client of CPython 3.13 made of the body, recorded by scripts/record.py. */
interface Row {
  body: string | (string | [string, number])[];
  data?: string;
  error?: string;
  /** The data returned by read1, if that is more than read returns. */
  read1?: string;
  rest?: number;
  trailers?: [string, string][];
}

const rows = vectors as unknown as Row[];
const expand = (body: Row['body']): string =>
  typeof body === 'string'
    ? body
    : body.map((part) => (typeof part === 'string' ? part : part[0].repeat(part[1]))).join('');

/** Compares with the reference, except where `strict: false` differs on purpose (behaviour.md, Receiving). */
function judge(row: Row, outcome: Outcome, body: string): void {
  if (row.error === undefined) {
    // The limit on a line includes its line ending: a last line of that length without one is too long.
    if (/^0\r\ny{65536}$/.test(body)) {
      expect(outcome.fault?.name).toBe('LineTooLong');
      return;
    }
    expect(outcome.fault).toBeUndefined();
    expect(outcome.data).toBe(row.data);
    expect(body.length - outcome.used!).toBe(row.rest);
    // A fold is replaced by one space, in both modes; the reference keeps the line break.
    const unfolded = row.trailers!.map(([name, value]) => [
      name,
      value.replace(/(?:\r\n|\r|\n)[ \t]+/g, ' '),
    ]);
    expect(outcome.trailers).toEqual(unfolded);
    return;
  }
  // Anything that the reference does not accept is IncompleteRead, also its ValueError (a negative size), MemoryError
  // and OverflowError (a size beyond any memory).
  expect(outcome.fault?.name).toBe(row.error === 'LineTooLong' ? 'LineTooLong' : 'IncompleteRead');
  const delivered = row.read1 ?? row.data ?? '';
  if (row.error === 'ValueError') {
    // A negative size ends the body for read, while read1 reads to the end of the stream: here it is as for read.
    expect(delivered.startsWith(outcome.data)).toBe(true);
  } else if (row.error === 'OverflowError' || row.error === 'MemoryError') {
    // With read(amt) and read1, the reference returns what there is, up to sizes of 2^63.
    expect(outcome.data.startsWith(delivered)).toBe(true);
  } else {
    expect(outcome.data).toBe(delivered);
  }
}

test.each(rows.map((row) => ({ ...row, name: JSON.stringify(row.body).slice(0, 80) })))(
  'reads $name as the reference does',
  (row) => {
    const body = expand(row.body);
    const whole = drive(body, { strict: false });
    judge(row, whole, body);
    if (body.length > 1000) return;
    for (const pieces of everyWay(body.length)) {
      expect(drive(body, { strict: false }, pieces)).toEqual(whole);
    }
  },
);
