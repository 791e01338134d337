/** An answer, byte for byte. */
export interface CannedAnswer {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly bytes: string;
}

const lines = (...all: readonly string[]): string => all.join('\r\n');

/** What this does would show, if anything of it were ever taken for markup. */
const SCRIPT = '<script>document.title = "it ran"</script><img src=x onerror="document.title = \'it ran\'">';

/**
 * Answers that are played as they stand, after which the server closes: a server of their own for each, and something to
 * begin with in the comparison.
 */
export const ANSWERS: readonly CannedAnswer[] = [
  {
    name: 'truncated',
    title: 'Truncated body',
    about: 'Content-Length promises 64 bytes; 27 come, and the end.',
    bytes: lines(
      'HTTP/1.1 200 OK',
      'Content-Type: text/plain',
      'Content-Length: 64',
      '',
      'This is where it breaks off',
    ),
  },
  {
    name: 'conflicting-lengths',
    title: 'Conflicting lengths',
    about: 'Two Content-Length fields that disagree: where the body ends is a guess, and a way to smuggle.',
    bytes: lines('HTTP/1.1 200 OK', 'Content-Length: 5', 'Content-Length: 11', '', 'hello world'),
  },
  {
    name: 'folded',
    title: 'Folded header',
    about: 'A value that goes on in the next line: obsolete folding, passed and listed.',
    bytes: lines(
      'HTTP/1.1 200 OK',
      'X-Story: it begins here',
      '\tand goes on here',
      'Content-Length: 3',
      '',
      'ok\n',
    ),
  },
  {
    name: 'space-before-colon',
    title: 'Space before the colon',
    about: 'Some recipients read this field, some do not: the body ends elsewhere for each.',
    bytes: lines('HTTP/1.1 200 OK', 'Content-Length : 6', 'X-Next: 1', '', 'hello\n'),
  },
  {
    name: 'no-colon',
    title: 'A line without a colon',
    about: 'No field at all. Lenient parsers end the head there, and lose what follows.',
    bytes: lines('HTTP/1.1 200 OK', 'this is not a field', 'Content-Length: 6', '', 'hello\n'),
  },
  {
    name: 'bare-cr',
    title: 'Bare CR in a value',
    about: 'A line end for some, a character for others: how responses are split.',
    bytes: lines('HTTP/1.1 200 OK', 'X-Value: one\rX-Injected: two', 'Content-Length: 6', '', 'hello\n'),
  },
  {
    name: 'length-and-chunked',
    title: 'Length beside chunked',
    about: 'Content-Length and Transfer-Encoding at once: the coding counts, and the connection closes.',
    bytes: lines(
      'HTTP/1.1 200 OK',
      'Content-Length: 3',
      'Transfer-Encoding: chunked',
      '',
      '6',
      'hello\n',
      '0',
      '',
      '',
    ),
  },
  {
    name: 'odd-chunk-size',
    title: 'Chunk size with 0x',
    about: 'A size that Python reads as a number, and most others do not.',
    bytes: lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '0x6', 'hello\n', '0', '', ''),
  },
  {
    name: 'unterminated-chunk',
    title: 'No CRLF behind a chunk',
    about: 'The next size follows the data at once.',
    bytes: lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '6', 'hello\n0', '', ''),
  },
  {
    name: 'lf-chunks',
    title: 'Bare LF in chunks',
    about: 'A line end that is accepted in a head, and refused in chunk framing.',
    bytes: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\nhello\n\n0\n\n',
  },
  {
    name: 'script',
    title: 'Script in fields and body',
    about: 'Markup wherever a server can put it: shown as the text that it is.',
    bytes: lines(
      `HTTP/1.1 200 ${SCRIPT}`,
      'Content-Type: text/html',
      `X-Markup: ${SCRIPT}`,
      `Content-Length: ${SCRIPT.length}`,
      '',
      SCRIPT,
    ),
  },
];
