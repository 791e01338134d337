import { encodeLatin1 } from '@http-client/io';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  findHeaderEnd,
  type HeaderBlockParserOptions,
  HTTPMessage,
  parseHeaderBlock,
  type Tolerance,
} from './index.js';
import { outcomeOf, read, readInPieces } from './testdata/pieces.js';

// A fixed seed, so that a failure can be reproduced by the next run.
const RUNS = { seed: 20_250_523, numRuns: 2000 };

const join = (parts: string[]): string => parts.join('');
const charactersFrom = (characters: string): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...Array.from(characters)), { maxLength: 6 }).map(join);

const name = fc
  .array(fc.constantFrom(...Array.from('Aaz09-_!~Content-Length')), { minLength: 1, maxLength: 8 })
  .map(join);
/** What strict parsing returns unchanged: no control character except HTAB, no whitespace at either end. */
const value = charactersFrom('a:;," \t\x80\xff').map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ''));
const fields = fc.array(fc.tuple(name, value), { maxLength: 8 });

/** Text made of pieces that matter to the grammar, valid and invalid. */
const hostile = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          'A: 1\r\n',
          'b:2\n',
          '\r\n',
          '\n',
          '\r',
          ' ',
          ':',
          'A',
          '\0',
          '\xe9',
          '\t',
          'From ',
        ),
      },
      { weight: 1, arbitrary: charactersFrom('ab :\t\r\n\0\x7f\xff,') },
    ),
    { maxLength: 12 },
  )
  .map(join);
const rule = fc.constantFrom<Tolerance>(
  'bare-cr',
  'space-before-colon',
  'malformed-field-line',
  'bare-lf-in-chunks',
);
const options: fc.Arbitrary<HeaderBlockParserOptions> = fc.record({
  strict: fc.boolean(),
  maxHeaders: fc.constantFrom(100, 0, 1, 3),
  maxLineLength: fc.constantFrom(65_536, 2, 5, 9),
  tolerate: fc.uniqueArray(rule),
  where: fc.constantFrom('headers', 'trailers'),
});

test('a message that was built is parsed unchanged', () => {
  fc.assert(
    fc.property(fields, (pairs) => {
      const message = new HTTPMessage(pairs);
      const sent = encodeLatin1(`${message.toString()}\r\n`);
      for (const strict of [true, false]) {
        const { headers, end } = parseHeaderBlock(sent, { strict })!;
        expect(end).toBe(sent.length);
        expect(headers.toJSON()).toEqual(pairs);
        expect(headers.defects).toEqual([]);
        expect(headers.toBytes()).toEqual(message.toBytes());
      }
    }),
    RUNS,
  );
});

test('what strict mode accepts is written so that both modes parse it as the same', () => {
  let accepted = 0;
  fc.assert(
    fc.property(hostile, (text) => {
      const outcome = outcomeOf(() => ({ parsed: parseHeaderBlock(encodeLatin1(text)) }));
      const parsed = outcome['parsed'] as ReturnType<typeof parseHeaderBlock>;
      if (parsed === undefined) return;
      accepted++;
      const again = encodeLatin1(`${parsed.headers.toString()}\r\n`);
      for (const strict of [true, false]) {
        expect(parseHeaderBlock(again, { strict })?.headers.toJSON()).toEqual(parsed.headers.toJSON());
      }
      expect(findHeaderEnd(encodeLatin1(text))).toBe(parsed.end);
    }),
    RUNS,
  );
  expect(accepted).toBeGreaterThan(200);
});

test('any segmentation gives the same outcome', () => {
  fc.assert(
    fc.property(hostile, options, fc.array(fc.nat(60), { maxLength: 6 }), (text, given, cuts) => {
      const inOrder = [...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
      expect(readInPieces(text, inOrder, given, true)).toEqual(read(text, given, true));
    }),
    RUNS,
  );
});

test('a tolerance changes nothing if it is not used', () => {
  const accepted = { used: 0, unused: 0 };
  fc.assert(
    fc.property(hostile, fc.uniqueArray(rule), (text, tolerate) => {
      const tolerant = read(text, { tolerate });
      if (tolerant?.['violations'] === undefined) return;
      const used = (tolerant['violations'] as { rule: string }[]).some((one) => one.rule !== 'obsolete-fold');
      accepted[used ? 'used' : 'unused']++;
      const strict = read(text);
      if (used) expect(strict).toMatchObject({ error: 'InvalidHeader' });
      else expect(strict).toEqual(tolerant);
    }),
    RUNS,
  );
  expect(accepted.used).toBeGreaterThan(30);
  expect(accepted.unused).toBeGreaterThan(100);
});

test('changes are the same as to a list of pairs', () => {
  type Model = [string, string][];
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  const change = fc.tuple(fc.constantFrom('append', 'set', 'delete', 'replaceHeader'), name, value);
  fc.assert(
    fc.property(fields, fc.boolean(), fc.array(change, { maxLength: 8 }), (pairs, isReceived, changes) => {
      const built = new HTTPMessage(pairs);
      const message = isReceived ? parseHeaderBlock(encodeLatin1(`${built.toString()}\r\n`))!.headers : built;
      let model: Model = pairs.map(([own, text]) => [own, text]);
      for (const [method, key, text] of changes) {
        const first = model.findIndex(([own]) => same(own, key));
        if (method === 'append') {
          message.append(key, text);
          model.push([key, text]);
        } else if (method === 'set') {
          message.set(key, text);
          if (first < 0) model.push([key, text]);
          else model[first] = [key, text];
          model = model.filter(([own], at) => at === first || first < 0 || !same(own, key));
        } else if (method === 'delete') {
          expect(message.delete(key)).toBe(first >= 0);
          model = model.filter(([own]) => !same(own, key));
        } else if (first >= 0) {
          message.replaceHeader(key, text);
          model[first]![1] = text;
        }
        expect(message.toJSON()).toEqual(model);
        expect(message.getAll(key)).toEqual(model.filter(([own]) => same(own, key)).map(([, own]) => own));
      }
    }),
    RUNS,
  );
});
