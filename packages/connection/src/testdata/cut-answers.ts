/** A response, and its result if the peer sends all of it. */
export interface Row {
  readonly name: string;
  readonly stream: string;
  /** In the form of `summary`. */
  readonly gives: string;
  readonly method?: string;
  readonly upgrade?: boolean;
  /** Whether the peer's FIN belongs to it; otherwise the connection stays open. */
  readonly ends?: boolean;
  /** The first position to cut at: before it, another row is the same. */
  readonly from?: number;
  /** Whether it is also cut over TCP. */
  readonly tcp?: boolean;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const chunked = `${OK}${CHUNKED}\r\n`;
const length = (value: string | number): string => `Content-Length: ${value}\r\n`;
const five = (fields = ''): string => `${OK}${fields}${length(5)}\r\nhello`;
const many = (count: number): string => 'a:b\r\n'.repeat(count);

const good: readonly Row[] = [
  { name: 'a length', stream: five(), gives: '200 "hello", kept', tcp: true },
  { name: 'a length of zero', stream: `${OK}${length(0)}\r\n`, gives: '200 "", kept' },
  { name: 'leading zeros', stream: `${OK}${length('0005')}\r\nhello`, gives: '200 "hello", kept' },
  { name: 'a length, followed by more bytes', stream: `${five()}xyz`, gives: '200 "hello", closed' },
  { name: 'a second response', stream: `${five()}${five()}`, gives: '200 "hello", closed', tcp: true },
  { name: 'Connection: close', stream: five('Connection: x, Close\r\n'), gives: '200 "hello", closed' },
  { name: 'Connection: closed', stream: five('Connection: closed\r\n'), gives: '200 "hello", kept' },
  {
    name: 'chunks',
    stream: `${chunked}5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n`,
    gives: '200 "helloabc", kept',
    tcp: true,
  },
  { name: 'only the last chunk', stream: `${chunked}0\r\n\r\n`, gives: '200 "", kept' },
  {
    name: 'chunk sizes in various forms',
    stream: `${chunked}00A\r\n0123456789\r\na \t\r\nabcdefghij\r\n000\r\n\r\n`,
    gives: '200 "0123456789abcdefghij", kept',
  },
  {
    name: 'extensions',
    stream: `${chunked}1;a=b\r\nx\r\n1 ; q="\\";\xff"\r\ny\r\n0;last\r\n\r\n`,
    gives: '200 "xy", kept',
  },
  {
    name: 'data that looks like framing',
    stream: `${chunked}9\r\n0\r\n\r\n5\r\nx\r\n0\r\n\r\n`,
    gives: '200 "0\\r\\n\\r\\n5\\r\\nx", kept',
  },
  {
    name: 'trailers',
    stream: `${chunked}1\r\nx\r\n0\r\nA: 1\r\nB:\t2 \r\n\r\n`,
    gives: '200 "x" A=1 B=2, kept',
    tcp: true,
  },
  {
    name: 'a fold in the trailers',
    stream: `${chunked}0\r\nA: 1\r\n 2\r\n\r\n`,
    gives: '200 "" A=1 2, kept, obsolete-fold',
  },
  { name: 'chunks, followed by more bytes', stream: `${chunked}0\r\n\r\n\r\n`, gives: '200 "", closed' },
  {
    name: 'to the end of the stream',
    stream: `${OK}\r\nhello`,
    ends: true,
    gives: '200 "hello", closed',
    tcp: true,
  },
  { name: 'to an end that never comes', stream: `${OK}\r\nhello`, gives: '200 "hello" and waits' },
  {
    name: 'interim responses',
    stream: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103\r\nLink: </a>\r\n\r\n${five()}`,
    gives: '200 "hello" after 100 103, kept',
    tcp: true,
  },
  {
    name: 'an interim response with a length',
    stream: `HTTP/1.1 102 x\r\n${length(3)}\r\n${five()}`,
    gives: '200 "hello" after 102, kept',
  },
  { name: 'HTTP/1.0', stream: 'HTTP/1.0 200 OK\r\n\r\nold', ends: true, gives: '200 "old", closed' },
  {
    name: 'HTTP/1.0 with keep-alive',
    stream: `HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n${length(3)}\r\nold`,
    gives: '200 "old", kept',
  },
  {
    name: 'HTTP/1.0 in chunks',
    stream: `HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n${CHUNKED}\r\n1\r\nx\r\n0\r\n\r\n`,
    gives: '200 "x", closed',
  },
  { name: 'HTTP/1.9', stream: `HTTP/1.9 200 OK\r\n${length(1)}\r\nx`, gives: '200 "x", kept' },
  { name: 'HEAD', method: 'HEAD', stream: `${OK}${length(5)}\r\n`, gives: '200 "", kept', tcp: true },
  { name: 'HEAD with a body', method: 'HEAD', stream: five(), gives: '200 "", closed' },
  {
    name: 'HEAD with broken framing',
    method: 'HEAD',
    stream: `${OK}${length('x')}Transfer-Encoding: y\r\n\r\n`,
    gives: '200 "", kept',
  },
  { name: '204', stream: `HTTP/1.1 204 No Content\r\n${length(9)}\r\n`, gives: '204 "", kept' },
  { name: '304', stream: `HTTP/1.1 304 x\r\n${CHUNKED}\r\n`, gives: '304 "", kept' },
  { name: '101', upgrade: true, stream: 'HTTP/1.1 101 x\r\n\r\nraw', gives: '101 "", closed' },
  { name: '2xx to CONNECT', method: 'CONNECT', stream: five(), gives: '200 "", closed' },
  {
    name: 'a refusal of CONNECT',
    method: 'CONNECT',
    stream: `HTTP/1.1 407 x\r\n${length(2)}\r\nno`,
    gives: '407 "no", kept',
  },
];

const tolerated: readonly Row[] = [
  { name: 'no reason', stream: `HTTP/1.1 200 \r\n${length(1)}\r\nx`, gives: '200 "x", kept' },
  { name: 'no space either', stream: `HTTP/1.1 200\r\n${length(1)}\r\nx`, gives: '200 "x", kept' },
  { name: 'bare LF in the head', stream: `HTTP/1.1 200 OK\nContent-Length: 1\n\nx`, gives: '200 "x", kept' },
  {
    name: 'folds',
    stream: `${OK}A: 1\r\n 2\r\n\t3\r\n${length(1)}\r\nx`,
    gives: '200 "x", kept, obsolete-fold obsolete-fold',
    tcp: true,
  },
  { name: 'two equal lengths', stream: five(length(5)), gives: '200 "hello", kept' },
  { name: 'a list of equal lengths', stream: `${OK}${length('5, 5')}\r\nhello`, gives: '200 "hello", kept' },
  {
    name: 'both framings',
    stream: `${OK}${length(3)}${CHUNKED}\r\n5\r\nhello\r\n0\r\n\r\n`,
    gives: '200 "hello", closed, content-length-with-transfer-encoding',
    tcp: true,
  },
  {
    name: 'an invalid length with chunks',
    stream: `${OK}${CHUNKED}${length('5, x')}\r\n0\r\n\r\n`,
    gives: '200 "", closed, content-length-with-transfer-encoding',
  },
  { name: 'an empty value', stream: five('A:\r\nB: \t \r\n'), gives: '200 "hello", kept' },
  { name: '100 fields', stream: five(many(99)), gives: '200 "hello", kept' },
  {
    name: '100 interim responses',
    stream: `${'HTTP/1.1 100 \r\n\r\n'.repeat(100)}${five()}`,
    gives: `200 "hello" after ${Array(100).fill('100').join(' ')}, kept`,
  },
  {
    name: 'a line at its limit',
    stream: five(`a:${'b'.repeat(65_532)}\r\n`),
    gives: '200 "hello", kept',
  },
];

const broken: readonly Row[] = [
  { name: 'nothing', stream: '', ends: true, gives: 'RemoteDisconnected' },
  { name: 'no status line', stream: 'hello\r\n', gives: 'BadStatusLine' },
  { name: 'no status line, truncated', stream: 'hello', ends: true, gives: 'BadStatusLine' },
  { name: 'two digits', stream: 'HTTP/1.1 20 OK\r\n', gives: 'BadStatusLine' },
  { name: 'a code below 100', stream: 'HTTP/1.1 099 OK\r\n', gives: 'BadStatusLine' },
  { name: 'a control character in the reason', stream: 'HTTP/1.1 200 a\x00b\r\n', gives: 'BadStatusLine' },
  { name: 'HTTP/2.0', stream: 'HTTP/2.0 200 OK\r\n', gives: 'UnknownProtocol', tcp: true },
  { name: 'HTTP/0.9', stream: 'HTTP/0.9 200 OK\r\n', gives: 'UnknownProtocol' },
  { name: 'an unrequested 101', stream: 'HTTP/1.1 101 x\r\n\r\n', gives: 'HTTPException' },
  {
    name: '101 interim responses',
    stream: `${'HTTP/1.1 100 \r\n\r\n'.repeat(101)}${five()}`,
    gives: 'HTTPException',
  },
  { name: '101 fields', stream: five(many(100)), gives: 'TooManyHeaders' },
  { name: '100 fields and a fold', stream: five(`${many(99)} fold\r\n`), gives: 'TooManyHeaders' },
  { name: 'a status line too long', stream: `HTTP/1.1 200 ${'x'.repeat(65_536)}`, gives: 'LineTooLong' },
  { name: 'a field line too long', stream: five(`a:${'b'.repeat(65_533)}\r\n`), gives: 'LineTooLong' },
  { name: 'a bare CR', stream: five('A: b\rc\r\n'), gives: 'InvalidHeader' },
  { name: 'a NUL', stream: five('A: b\x00c\r\n'), gives: 'InvalidHeader' },
  { name: 'a DEL', stream: five('A: \x7f\r\n'), gives: 'InvalidHeader' },
  { name: 'a space before the colon', stream: five('A : b\r\n'), gives: 'InvalidHeader' },
  { name: 'no colon', stream: five('A\r\n'), gives: 'InvalidHeader' },
  { name: 'an empty name', stream: five(': b\r\n'), gives: 'InvalidHeader' },
  { name: 'a name that is not a token', stream: five('A\xe9: b\r\n'), gives: 'InvalidHeader' },
  { name: 'a fold with nothing to continue', stream: five(' A: b\r\n'), gives: 'InvalidHeader' },
  {
    name: 'an invalid interim response',
    stream: `HTTP/1.1 100 x\r\nA\r\n\r\n${five()}`,
    gives: 'InvalidHeader',
  },
  ...['5, 6', '+5', '-5', '5_0', '0x5', '5.0', 'five', '', '5,', '5, 05', '5 5', '9007199254740992'].map(
    (value) => ({
      name: `Content-Length: ${value}`,
      stream: `${OK}${length(value)}\r\nhello`,
      from: OK.length + length('').length - 2,
      gives: 'InvalidHeader',
    }),
  ),
  { name: 'two lengths', stream: five(length(6)), gives: 'InvalidHeader' },
  ...['xchunked', 'gzip, chunked', 'chunked, chunked', 'chunked, gzip', '', 'chunked,', 'chunked;q=1'].map(
    (value) => ({
      name: `Transfer-Encoding: ${value}`,
      stream: `${OK}Transfer-Encoding: ${value}\r\n\r\n0\r\n\r\n`,
      from: OK.length + 'Transfer-Encoding:'.length,
      gives: 'UnknownTransferEncoding',
    }),
  ),
  {
    name: 'two transfer codings',
    stream: `${OK}${CHUNKED}${CHUNKED}\r\n0\r\n\r\n`,
    gives: 'UnknownTransferEncoding',
  },
  ...['', ';x', '+1', '-1', '0x1', '1_0', '1 1', ' 1', 'g', '1\x00', '1;\x01', '20000000000000'].map(
    (size) => ({
      name: `a chunk size ${JSON.stringify(size)}`,
      stream: `${chunked}2\r\nab\r\n${size}\r\nx\r\n0\r\n\r\n`,
      from: chunked.length + 5,
      gives: '200 "ab" then InvalidChunk',
    }),
  ),
  { name: 'a bare LF after a size', stream: `${chunked}2\nab\r\n`, gives: '200 "" then InvalidChunk' },
  { name: 'a bare LF after data', stream: `${chunked}2\r\nab\n0\r\n`, gives: '200 "ab" then InvalidChunk' },
  {
    name: 'nothing after data',
    stream: `${chunked}2\r\nab0\r\n`,
    gives: '200 "ab" then InvalidChunk',
    tcp: true,
  },
  { name: 'a bare CR after data', stream: `${chunked}2\r\nab\rx`, gives: '200 "ab" then InvalidChunk' },
  { name: 'a bare LF in trailers', stream: `${chunked}0\r\nA: 1\n\r\n`, gives: '200 "" then InvalidChunk' },
  { name: 'a bare LF after chunks', stream: `${chunked}0\r\n\n`, gives: '200 "" then InvalidChunk' },
  { name: 'an invalid trailer', stream: `${chunked}0\r\nA : 1\r\n\r\n`, gives: '200 "" then InvalidHeader' },
  {
    name: '101 trailers',
    stream: `${chunked}1\r\nx\r\n0\r\n${many(101)}\r\n`,
    gives: '200 "x" then TooManyHeaders',
  },
  {
    name: 'an extension too long',
    stream: `${chunked}1;${'x'.repeat(65_536)}\r\nx\r\n`,
    gives: '200 "" then LineTooLong',
  },
];

/** Responses with every framing, covering every promise about receiving. */
export const ANSWERS: readonly Row[] = [...good, ...tolerated, ...broken];
