import { encodeLatin1, type WireEvent } from '@http-client/client';
import { describe, expect, test } from 'vitest';

import { palette } from '../print.js';
import { wirePrinter } from './wire-printer.js';

const event = (part: WireEvent['part'], data: Uint8Array): WireEvent => ({
  direction: 'received',
  part,
  data,
  time: 0,
});

const print = (part: WireEvent['part'], data: Uint8Array): string =>
  wirePrinter(palette(false), false)(event(part, data));

/** The text in the rows, decoded like a string in source code. */
function read(rows: string): Uint8Array {
  const text = rows.replace(/^< .{14}/gm, '').replaceAll('\n', '');
  return encodeLatin1(
    text.replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex: string | undefined, name: string) =>
      hex === undefined
        ? ({ r: '\r', n: '\n', t: '\t' }[name] ?? name)
        : String.fromCharCode(parseInt(hex, 16)),
    ),
  );
}

describe('the bytes can be reconstructed from the rows', () => {
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  test.each<[string, Uint8Array]>([
    ['every byte', all],
    ['every byte, from the last', all.toReversed()],
    ['what looks like an escape', encodeLatin1('\\x41\\n\\\\')],
    ['nothing but line ends', encodeLatin1('\r\n\r\n\n')],
    // An escape is never split, wherever a row ends.
    ...[68, 69, 70, 71, 72, 73].map((count): [string, Uint8Array] => [
      `an escape after ${count}`,
      encodeLatin1(`${'x'.repeat(count)}\0\0y`),
    ]),
  ])('%s', (_name, bytes) => {
    const rows = print('body', bytes);
    expect(read(rows)).toEqual(bytes);
    for (const row of rows.trimEnd().split('\n')) {
      expect(row).toMatch(/^< (?:body {10}| {14})[ -~]{1,72}$/);
    }
  });
});

test('credentials are not looked for in a body', () => {
  expect(print('body', encodeLatin1('Cookie: a=b\n'))).toBe('< body          Cookie: a=b\\n\n');
  expect(print('header', encodeLatin1('Cookie: a=b\n'))).toBe('< header        Cookie: [hidden]\\n\n');
});
