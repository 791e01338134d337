import { parseHeaderBlock } from '@http-client/headers';
import { encodeLatin1 } from '@http-client/io';
import { expect, test } from 'vitest';

import { responseFraming } from './framing.js';
import vectors from './testdata/framing.json' with { type: 'json' };

/** What http.client of CPython 3.13 made of the head, recorded by scripts/record.py. */
interface Row {
  method: string;
  status: number;
  version: 10 | 11;
  fields: string[];
  chunked: boolean;
  length: number | 'beyond 2^53' | null;
  willClose: boolean;
}

const rows = vectors as unknown as Row[];

/** These responses have no body (behaviour.md, Where the body ends): the reference is more lenient. */
function isBodiless({ method, status }: Row): boolean {
  return (
    method === 'HEAD' || status < 200 || [204, 304].includes(status) || (method === 'CONNECT' && status < 300)
  );
}

test.each(rows.map((row) => ({ ...row, name: JSON.stringify(row.fields).slice(0, 80) })))(
  'frames $method $status on $version with $name as the reference does',
  (row) => {
    const block = encodeLatin1(row.fields.map((line) => `${line}\r\n`).join('') + '\r\n');
    const { headers } = parseHeaderBlock(block, { strict: false })!;
    const framing = responseFraming({ ...row, headers, strict: false });

    if (isBodiless(row)) {
      expect(framing.kind).toBe('none');
      // If the reference waits for the end of the stream, although there is no body, it must close.
      expect(framing.willClose).toBe(
        row.willClose && !(row.length === null && !row.chunked && saysNothing(row)),
      );
      return;
    }
    expect(framing.willClose).toBe(row.willClose);
    if (row.chunked) expect(framing.kind).toBe('chunked');
    else if (row.length === null) expect(framing.kind).toBe('close');
    else {
      const length = row.length === 'beyond 2^53' ? Number.MAX_SAFE_INTEGER : row.length;
      expect(framing).toMatchObject({ kind: 'length', length });
    }
    // Nothing else is listed with strict off.
    const both = row.chunked && headers.has('content-length');
    expect(framing.violations.map(({ rule }) => rule)).toEqual(
      both ? ['content-length-with-transfer-encoding'] : [],
    );
  },
);

/** HTTP/1.1 without a Connection field: the connection stays open. */
function saysNothing({ version, fields }: Row): boolean {
  return version === 11 && !fields.some((field) => field.startsWith('Connection'));
}
