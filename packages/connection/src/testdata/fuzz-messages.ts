import * as fc from 'fast-check';

// Responses as servers send them, with an occasional fault in every part.

export type Text = fc.Arbitrary<string>;

/** Nearly always the valid form, and occasionally one of the others: several faults at once would hide each other. */
function mostly(right: string | Text, ...others: readonly string[]): Text {
  const usual = typeof right === 'string' ? fc.constant(right) : right;
  return fc.oneof({ weight: 80, arbitrary: usual }, { weight: 1, arbitrary: fc.constantFrom(...others) });
}

/** A form for a text that is generated later: nearly always the valid one. */
function mostlyAs(...forms: readonly ((text: string) => string)[]): fc.Arbitrary<(text: string) => string> {
  return fc.oneof(
    { weight: 40, arbitrary: fc.constant((text: string) => text) },
    { weight: 1, arbitrary: fc.constantFrom(...forms) },
  );
}

export const joined = (...parts: (string | Text)[]): Text =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((texts) => texts.join(''));

const several = (text: Text, maxLength: number): Text =>
  fc.array(text, { maxLength }).map((texts) => texts.join(''));

export const latin1 = (maxLength: number): Text =>
  fc
    .array(
      fc.oneof(
        {
          weight: 6,
          arbitrary: fc.constantFrom('a', 'b', 'c', '0', '1', '2', ' ', '\r', '\n', '\t', ':', ';', ','),
        },
        { weight: 1, arbitrary: fc.nat(255).map((code) => String.fromCharCode(code)) },
      ),
      { maxLength },
    )
    .map((characters) => characters.join(''));

const EOL = mostly('\r\n', '\n', '\n', '\r', '\r\r\n', '\n\r', ' \r\n', '\x00\r\n', '');

// The head

const version = fc.oneof(
  { weight: 80, arbitrary: fc.constant('HTTP/1.1') },
  { weight: 16, arbitrary: fc.constantFrom('HTTP/1.0', 'HTTP/1.0', 'HTTP/1.2', 'HTTP/1.9') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...['HTTP/2.0', 'HTTP/2', 'HTTP/0.9', 'HTTP/1.10', 'HTTP/1.', 'HTTP/1', 'http/1.1', 'HTTP/01.1'],
      ...['HTTP/11', 'HTTP 1.1', 'ICY', '', ' HTTP/1.1', 'HTTP/1.1\t', 'HTTP/+1.1'],
    ),
  },
);

const code = fc.oneof(
  { weight: 80, arbitrary: fc.constantFrom('200', '200', '404', '500', '999') },
  { weight: 12, arbitrary: fc.constantFrom('204', '304', '205') },
  { weight: 3, arbitrary: fc.constantFrom('101', '100', '103', '199') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('099', '000', '20', '2000', '+20', '2_0', '', '0x2', '2 0', '20\xb2', '1e2'),
  },
);

const reason = mostly(
  fc.constantFrom(' OK', '', ' ', ' two  words ', ' \xe9\x80', ' tab\there', ' HTTP/1.1 200'),
  ...['\tOK', '  ', ' a\x00b', ' a\rb', ' \x7f', '-', '\x0b', ' a\x85'],
);

const statusLine = joined(version, mostly(' ', '  ', '\t', '', '\r'), code, reason, EOL);

const name = (right: Text): Text =>
  fc
    .tuple(
      right,
      mostlyAs(
        (text) => text.toLowerCase(),
        (text) => text.toUpperCase(),
        (text) => `${text} `,
        (text) => `${text}\t`,
        (text) => ` ${text}`,
        (text) => `\x00${text}`,
        (text) => `\r${text}`,
        (text) => `X: y\r${text}`,
        (text) => `X: y\n\r${text}`,
        (text) => text.replace('-', '_'),
        (text) => text.replace('-', ' '),
        (text) => `${text}\x80`,
        (text) => `${text}:`,
        () => '',
      ),
    )
    .map(([text, form]) => form(text));

/** A field line. The value may be folded. */
const field = (fieldName: string | Text, value: Text): Text =>
  joined(
    name(typeof fieldName === 'string' ? fc.constant(fieldName) : fieldName),
    mostly(fc.constantFrom(':', ': '), '', ' :', ':\t', '=', ':\x0b', ':\r\n ', ':\r\n\t ', ':\n '),
    value,
    EOL,
  );

const plainField = field(
  fc.constantFrom('X', 'Date', 'Set-Cookie', '__proto__', 'constructor', 'Content-Type', 'a'),
  mostly(
    fc.constantFrom('1', '', 'a b', 'a, b', 'a\r\n b', 'a\r\n\tb\r\n  c', '\xe9', '"q: r"', 'x\n y', ' \t'),
    ...['a\rb', 'a\x00b', 'a\x7f', 'a\r', '\x1b', 'a\r\n \r\n b', 'a\r\n\r b'],
  ),
);

const connectionField = field(
  'Connection',
  fc.constantFrom(
    'close',
    'Close',
    'keep-alive',
    'x, close',
    'close, keep-alive',
    'closed',
    'a\r\n close',
    ',',
  ),
);

const oddLine = fc.constantFrom(
  ...['no colon\r\n', ': empty\r\n', ' fold\r\n', '\t\r\n', 'From x\r\n', '\r\r\n', '\x00\r\n', 'a b: c\r\n'],
  ...['Content-Length\r\n', 'Transfer-Encoding\r\n', 'HTTP/1.1 200 OK\r\n', 'Keep-Alive: 1\r\n'],
);

const extraField = fc.oneof(
  { weight: 40, arbitrary: plainField },
  { weight: 16, arbitrary: connectionField },
  { weight: 1, arbitrary: oddLine },
);

// The body, with the fields that frame it

interface Framed {
  readonly fields: string;
  readonly body: string;
}

const lengthValue = (length: number): Text =>
  mostly(
    fc.constantFrom(
      `${length}`,
      `${length}`,
      `${length}`,
      ` ${length} `,
      `\t${length}`,
      `${length}, ${length}`,
    ),
    ...[`+${length}`, `-${length}`, `${length},`, `,${length}`, `${length}, ${length + 1}`, `0${length}`, ''],
    ...[`${length}_0`, `0x${length}`, `${length}.0`, `${length};`, `${length} ${length}`, `"${length}"`],
    ...[`${length}\x0b`, `\xa0${length}`, `${length}\r\n `, `\r\n ${length}`, `${length}, 0${length}`],
    ...[`${length + 1}`, `${Math.max(0, length - 1)}`, '9007199254740991', '9007199254740992', '1e3', '\xb2'],
    ...['99999999999999999999999', '18446744073709551621', `${length}\r\nContent-Length: ${length + 2}`],
  );

const codingValue = mostly(
  fc.constantFrom('chunked', 'chunked', 'Chunked', 'chunked ', '\tchunked'),
  ...['xchunked', 'chunked, chunked', 'gzip, chunked', 'chunked, gzip', 'chunked;q=1', 'identity', ''],
  ...[', chunked', 'chunked,', 'chunked\x0b', '"chunked"', '\r\n chunked', 'chunked\r\n ', '\x0bchunked'],
  ...[
    'chunked\r\nTransfer-Encoding: chunked',
    'gzip\r\nTransfer-Encoding: chunked',
    'chu\r\n nked',
    'chunke',
  ],
  ...['chunked\r\nTransfer-Encoding: ', 'chunked\x00', 'chunked identity', 'CHUNKED\xa0', 'chunKed'],
);

const content = fc.oneof(
  { weight: 80, arbitrary: latin1(12) },
  { weight: 3, arbitrary: fc.constant('x'.repeat(300)) },
  // More than is read ahead.
  { weight: 1, arbitrary: fc.constant('line\n'.repeat(30_000)) },
  { weight: 10, arbitrary: fc.constantFrom('0\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n', '\r\n', 'a\nb\n\nc') },
);

const lengthField = (length: number): Text => field('Content-Length', lengthValue(length));
const codingField = field('Transfer-Encoding', codingValue);

const chunk = fc
  .tuple(
    fc.oneof(
      { weight: 150, arbitrary: latin1(20).filter((data) => data !== '') },
      { weight: 1, arbitrary: fc.constant('y'.repeat(100_000)) },
    ),
    mostlyAs(
      (size) => size.toUpperCase(),
      (size) => `000${size}`,
      (size) => `${size} `,
      (size) => `${size}\t \t`,
      (size) => `${size};a=b`,
      (size) => `${size} ; q="x;\\"y"`,
      (size) => `${size};\x80`,
      (size) => `${size};a="b`,
      (size) => `${size};a="b\\"`,
      () => '',
      () => 'g',
      (size) => `-${size}`,
      (size) => `+${size}`,
      (size) => `0x${size}`,
      (size) => `0X${size}`,
      (size) => `${size}_0`,
      (size) => `${size} 0`,
      (size) => `${size}g`,
      (size) => ` ${size}`,
      (size) => `\t${size}`,
      (size) => `${size}\x00`,
      (size) => `${size};\x01`,
      (size) => `${size};\x7f`,
      (size) => `${size};a\rb`,
      (size) => `${size};a\n`,
      (size) => `${size}\x0b`,
      (size) => `${size}\xa0`,
      (size) => `1${size}`,
      (size) => `${size}0`,
      () => '1fffffffffffff',
      () => '20000000000000',
      () => 'fffffffffffffffffffff',
      (size) => `10000000000000000${size}`,
      () => '-1',
    ),
    EOL,
    mostly('\r\n', '', '\n', '\r', 'xx', 'x', '\r\n\r\n', '\n\r', '\r\r\n', '0', '0\r\n\r\n'),
  )
  .map(([data, form, eol, end]) => `${form(data.length.toString(16))}${eol}${data}${end}`);

const trailers = several(
  fc.oneof({ weight: 20, arbitrary: plainField }, { weight: 1, arbitrary: oddLine }),
  2,
);

const chunks = joined(
  several(chunk, 4),
  mostly('0', '00', '000', '0;ext', '0 ', '', '-0', '0x0', '+0', '0;a\rb', '0_0'),
  EOL,
  trailers,
  mostly('\r\n', '\n', '', '\r', '\r\r\n', ' \r\n'),
);

const framed: fc.Arbitrary<Framed> = fc.oneof(
  {
    weight: 8,
    arbitrary: content.chain((body) => lengthField(body.length).map((fields) => ({ fields, body }))),
  },
  { weight: 10, arbitrary: fc.record({ fields: codingField, body: chunks }) },
  { weight: 3, arbitrary: fc.record({ fields: fc.constant(''), body: content }) },
  {
    weight: 2,
    arbitrary: content.chain((body) =>
      joined(lengthField(body.length), lengthField(body.length)).map((fields) => ({ fields, body })),
    ),
  },
  {
    weight: 2,
    arbitrary: chunks.chain((body) =>
      fc
        .oneof(
          joined(lengthField(body.length), codingField),
          joined(codingField, lengthField(3)),
          joined(codingField, codingField),
        )
        .map((fields) => ({ fields, body })),
    ),
  },
);

/** Lines up to and beyond the limits: many short ones, and occasionally a long one. */
const atLimits = fc.oneof(
  { weight: 300, arbitrary: fc.constant('') },
  { weight: 3, arbitrary: fc.integer({ min: 97, max: 101 }).map((count) => 'a:b\r\n'.repeat(count)) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 65_530, max: 65_537 }).map((length) => `a:${'b'.repeat(length - 4)}\r\n`),
  },
);

const interim = joined(
  mostly('HTTP/1.1 ', 'HTTP/1.0 ', 'HTTP/2.0 ', '\r\n'),
  fc.constantFrom('100', '100', '102', '103', '199', '101'),
  reason,
  EOL,
  several(extraField, 1),
  mostly('\r\n', '\n', ''),
);

const interims = fc.oneof(
  { weight: 30, arbitrary: fc.constant('') },
  { weight: 8, arbitrary: several(interim, 2) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 99, max: 101 }).map((count) => 'HTTP/1.1 100 \r\n\r\n'.repeat(count)),
  },
);

const excess = fc.oneof(
  { weight: 12, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: latin1(6) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad',
      '\r\n',
      '\x00',
      '0\r\n\r\n',
    ),
  },
);

/** A response, with whatever comes before and after it. */
export const message: Text = fc
  .tuple(
    ...[interims, statusLine, several(extraField, 3), atLimits, several(extraField, 2)],
    framed,
    mostly('\r\n', '\n', '', '\r', '\r\r\n', ' \r\n'),
    excess,
    fc.boolean(),
  )
  .map(([before, line, first, limits, second, { fields, body }, blank, after, swapped]) =>
    [before, line, ...(swapped ? [fields, first] : [first, fields]), limits, second, blank, body, after].join(
      '',
    ),
  );
