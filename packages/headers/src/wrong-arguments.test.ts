import { ByteReader, encodeLatin1 } from '@http-client/io';
import { expect, test } from 'vitest';

import {
  checkHeadRules,
  findHeaderEnd,
  HeaderBlockParser,
  HTTPMessage,
  parseHeaderBlock,
  parseHeaders,
  parseStatusLine,
  validateHeaderValue,
  type Tolerance,
} from './index.js';

const block = encodeLatin1('A: b\r\n\r\n');
const rules = { tolerate: ['bare-lf'] as unknown as Tolerance[] };

/** Without the check, a wrong argument would be searched, and nothing found. */
test.each<[call: string, run: () => unknown, message: string, kind?: typeof RangeError]>([
  [
    'parseHeaderBlock(text)',
    () => parseHeaderBlock('A: b' as never),
    'Cannot use "A: b" as a header block: expected a Uint8Array',
  ],
  [
    'parseHeaderBlock(DataView)',
    () => parseHeaderBlock(new DataView(new ArrayBuffer(4)) as never),
    'Cannot use "[object DataView]" as a header block: expected a Uint8Array',
  ],
  ...[0, null, 'lenient', []].flatMap((given): [string, () => unknown, string][] => {
    const options = given as never;
    const shown = String(given);
    const message = `Cannot use "${shown}" as options: expected an object with named options`;
    return [
      [`parseHeaderBlock(bytes, ${shown})`, () => parseHeaderBlock(block, options), message],
      [`parseHeaders(fp, ${shown})`, () => parseHeaders(new ByteReader(block), options), message],
      [`new HeaderBlockParser(${shown})`, () => new HeaderBlockParser(options), message],
    ];
  }),
  [
    'parseHeaders(fp, a rule)',
    () => parseHeaders(new ByteReader(block), { tolerate: [] } as never),
    'Cannot use "tolerate" as an option of parseHeaders: it takes maxHeaders, maxLineLength, strict',
  ],
  [
    'parseHeaderBlock(bytes, begin)',
    () => parseHeaderBlock(block, { begin: 0 } as never),
    'Cannot use "begin" as an option of parseHeaderBlock: it takes maxHeaders, maxLineLength, strict, start',
  ],
  [
    'new HeaderBlockParser(maxLines)',
    () => new HeaderBlockParser({ maxLines: 5 } as never),
    'Cannot use "maxLines" as an option of HeaderBlockParser: it takes maxHeaders, maxLineLength, strict, ' +
      'tolerate, where',
  ],
  // Taken for the default, it would accept bare LF in trailers.
  ...['trailer', null].map((where): [string, () => unknown, string] => [
    `new HeaderBlockParser(), where ${where}`,
    () => new HeaderBlockParser({ where: where as never }),
    `Cannot use "${where}" as where: expected 'headers' or 'trailers'`,
  ]),
  ...[undefined, block].map((line): [string, () => unknown, string] => [
    `parseStatusLine(${String(line)})`,
    () => parseStatusLine(line as never),
    `Cannot use "${String(line)}" as a status line: it is not a string`,
  ]),
  [
    'findHeaderEnd(text)',
    () => findHeaderEnd('A: b' as never),
    'Cannot use "A: b" as a header block: expected a Uint8Array',
  ],
  [
    'findHeaderEnd(bytes, text)',
    () => findHeaderEnd(block, 'x' as never),
    'Cannot use "x" as from: it is not a number',
  ],
  ...[-1, NaN, 0.5].map((from): [string, () => unknown, string, typeof RangeError] => [
    `findHeaderEnd(bytes, ${from})`,
    () => findHeaderEnd(block, from),
    `Cannot use "${from}" as from: expected a whole number from 0 to `,
    RangeError,
  ]),
  ...['no', null, 0, ''].flatMap((strict) => {
    const message = `Cannot use "${strict}" as strict: expected a boolean`;
    const options = { strict: strict as never };
    return [
      [`parseHeaderBlock(), strict ${strict}`, () => parseHeaderBlock(block, options), message],
      [`parseHeaders(), strict ${strict}`, () => parseHeaders(new ByteReader(block), options), message],
      [`new HeaderBlockParser(), strict ${strict}`, () => new HeaderBlockParser(options), message],
      [
        `parseStatusLine(), strict ${strict}`,
        () => parseStatusLine('HTTP/1.1 200', strict as never),
        message,
      ],
    ] satisfies [string, () => unknown, string][];
  }),
  ...(
    [
      ['filename', 'filename'],
      [null, 'null'],
      [[['filename', 'a']], 'filename,a'],
      [new Map([['filename', 'a']]), '[object Map]'],
    ] satisfies [params: unknown, shown: string][]
  ).map(([params, shown]): [string, () => unknown, string] => [
    `addHeader(), parameters ${shown}`,
    () => {
      new HTTPMessage().addHeader('Content-Disposition', 'attachment', params as never);
    },
    `Cannot use "${shown}" as parameters: expected an object with names and values`,
  ]),
  [
    'addHeader(), no value as in Python',
    () => {
      new HTTPMessage().addHeader('Content-Disposition', null as never, { name: 'a' });
    },
    'Cannot use the value of "Content-Disposition": it is null, not a string, finite number or Uint8Array',
  ],
  [
    'addHeader(), a number as a parameter',
    () => {
      new HTTPMessage().addHeader('Content-Disposition', 'attachment', { size: 5 as never });
    },
    'Cannot use "5" as the parameter "size": it is not a string',
  ],
  [
    'setParam(), no value',
    () => {
      new HTTPMessage().setParam('charset', undefined as never);
    },
    'Cannot use "undefined" as the parameter "charset": it is not a string',
  ],
  ...([5, undefined, ['A']] as never[]).flatMap((name): [string, () => unknown, string][] => {
    const message = `Cannot use "${String(name)}" as a field name: it is not a string`;
    const headers = new HTTPMessage({ A: 'b' });
    return [
      [`get(${String(name)})`, () => headers.get(name, 'fallback'), message],
      [`getAll(${String(name)})`, () => headers.getAll(name), message],
      [`has(${String(name)})`, () => headers.has(name), message],
      [`delete(${String(name)})`, () => headers.delete(name), message],
      [
        `replaceHeader(${String(name)})`,
        () => {
          headers.replaceHeader(name, 'x');
        },
        message,
      ],
    ];
  }),
  ...([5, undefined, ['charset']] as never[]).flatMap((param): [string, () => unknown, string][] => {
    const message = `Cannot use "${String(param)}" as a parameter name: it is not a string`;
    const headers = new HTTPMessage({ 'Content-Type': 'text/html; charset=utf-8' });
    return [
      [`getParam(${String(param)})`, () => headers.getParam(param), message],
      [
        `setParam(${String(param)})`,
        () => {
          headers.setParam(param, 'x');
        },
        message,
      ],
      [
        `deleteParam(${String(param)})`,
        () => {
          headers.deleteParam(param);
        },
        message,
      ],
    ];
  }),
  [
    'getParams(a field name that is not a string)',
    () => new HTTPMessage().getParams(null as never),
    'Cannot use "null" as a field name: it is not a string',
  ],
  [
    'validateHeaderValue(number, null)',
    () => {
      validateHeaderValue(5 as never, null as never);
    },
    'Cannot use the value of "5": it is null, not a string, finite number or Uint8Array',
  ],
  [
    'parseHeaders(bytes)',
    () => parseHeaders(block as never),
    'Cannot parse headers from a Uint8Array: expected a ByteReader (parseHeaderBlock takes bytes)',
  ],
  [
    'parseHeaders()',
    () => parseHeaders(undefined as never),
    'Cannot parse headers from undefined: expected a ByteReader (parseHeaderBlock takes bytes)',
  ],
  [
    'new HeaderBlockParser(), a misspelt rule',
    () => new HeaderBlockParser(rules),
    'Cannot use "bare-lf" as a rule to tolerate: expected one of bare-cr, ',
  ],
  [
    'checkHeadRules(), a misspelt rule',
    () => checkHeadRules(rules),
    'Cannot use "bare-lf" as a rule to tolerate: expected one of bare-cr, ',
  ],
  ...(
    [
      [{ strict: 1 }, 'Cannot use "1" as strict: expected a boolean', TypeError],
      [
        { maxResponseHeaders: -1 },
        'Cannot use "-1" as maxResponseHeaders: expected a whole number from 0 to ',
        RangeError,
      ],
      [
        { maxInterimResponses: 0.5 },
        'Cannot use "0.5" as maxInterimResponses: expected a whole number from 0 to ',
        RangeError,
      ],
    ] satisfies [object, string, typeof TypeError][]
  ).map(([given, message, kind]): [string, () => unknown, string, typeof TypeError] => [
    `checkHeadRules(${JSON.stringify(given)})`,
    () => checkHeadRules(given as never),
    message,
    kind,
  ]),
  [
    'checkHeadRules(), one rule',
    () => checkHeadRules({ tolerate: 'bare-cr' as never }),
    'Cannot use "bare-cr" as tolerate: expected an array',
  ],
])('%s', async (_call, run, message, kind = TypeError) => {
  const error = await Promise.resolve()
    .then(run)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(kind);
  expect((error as Error).message.slice(0, message.length)).toBe(message);
});

test('the rules of a head have defaults', () => {
  expect(checkHeadRules({})).toEqual({
    strict: true,
    tolerate: [],
    maxResponseHeaders: 100,
    maxInterimResponses: 100,
  });
});
