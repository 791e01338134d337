/** A response as bytes. */
export interface CannedAnswer {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly bytes: string;
}

const lines = (...all: readonly string[]): string => all.join('\r\n');

/** The effect of this would be visible if any of it were taken for markup. */
const SCRIPT = '<script>document.title = "it ran"</script><img src=x onerror="document.title = \'it ran\'">';

/**
 * Responses that are sent as they are, after which the server closes. Each has its own server, and is a sample to
 * compare.
 */
export const ANSWERS: readonly CannedAnswer[] = [
  {
    name: 'truncated',
    title: 'Truncated body',
    about: 'Content-Length promises 64 bytes; the connection closes after 27.',
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
    about: 'Two Content-Length fields that disagree: where the body ends is a guess, which allows smuggling.',
    bytes: lines('HTTP/1.1 200 OK', 'Content-Length: 5', 'Content-Length: 11', '', 'hello world'),
  },
  {
    name: 'folded',
    title: 'Folded header',
    about: 'A value that continues on the next line: obsolete line folding, accepted and listed.',
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
    about: 'Some recipients use this field, others do not, and disagree about where the body ends.',
    bytes: lines('HTTP/1.1 200 OK', 'Content-Length : 6', 'X-Next: 1', '', 'hello\n'),
  },
  {
    name: 'no-colon',
    title: 'A line without a colon',
    about: 'It is not a field. Lenient parsers end the head there, and lose what follows.',
    bytes: lines('HTTP/1.1 200 OK', 'this is not a field', 'Content-Length: 6', '', 'hello\n'),
  },
  {
    name: 'bare-cr',
    title: 'Bare CR in a value',
    about: 'A line end for some recipients, a character for others: this is how responses are split.',
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
    title: 'No CRLF after a chunk',
    about: 'The next size follows the data directly.',
    bytes: lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '6', 'hello\n0', '', ''),
  },
  {
    name: 'lf-chunks',
    title: 'Bare LF in chunks',
    about: 'A line end that is accepted in a head, and rejected in chunk framing.',
    bytes: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\nhello\n\n0\n\n',
  },
  {
    name: 'script',
    title: 'Script in fields and body',
    about: 'Markup wherever a server can put it: it is shown as text.',
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
