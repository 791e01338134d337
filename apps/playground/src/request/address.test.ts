import { expect, test } from 'vitest';

import { parseAddress } from './address.js';

test.each([
  ['http://example.org', 'example.org', 80, '/'],
  ['http://example.org/', 'example.org', 80, '/'],
  ['http://example.org:80/', 'example.org', 80, '/'],
  ['HTTP://Example.ORG:8080/A?b=c&d', 'example.org', 8080, '/A?b=c&d'],
  ['http://example.org?q', 'example.org', 80, '/?q'],
  ['http://example.org/a#fragment', 'example.org', 80, '/a'],
  ['http://example.org/a/../b c/ü', 'example.org', 80, '/b%20c/%C3%BC'],
  ['http://127.0.0.1:8000/x', '127.0.0.1', 8000, '/x'],
  ['http://[::1]:8000/x', '[::1]', 8000, '/x'],
  ['http://bücher.example/', 'xn--bcher-kva.example', 80, '/'],
  ['https://example.org', 'example.org', 443, '/'],
  ['HTTPS://example.org:443/x', 'example.org', 443, '/x'],
  ['https://example.org:80/x', 'example.org', 80, '/x'],
])('%s', (text, host, port, target) => {
  expect(parseAddress(text)).toEqual({ secure: /^https:/i.test(text), host, port, target });
});

const ANY = 'http://example.org:8080/path?query';

/** Texts that are refused, the reason, and the URL that is suggested. */
test.each([
  ['', 'it does not begin with http:// or https://', ANY],
  ['localhost', 'it does not begin with http:// or https://', 'http://localhost'],
  ['localhost:8000/x', 'it does not begin with http:// or https://', 'http://localhost:8000/x'],
  ['127.0.0.1:8000', 'it does not begin with http:// or https://', 'http://127.0.0.1:8000'],
  ['//example.org/x', 'it does not begin with http:// or https://', 'http://example.org/x'],
  ['http:example.org', 'it does not begin with http:// or https://', 'http://example.org'],
  ['http:/example.org', 'it does not begin with http:// or https://', 'http://example.org'],
  ['https:example.org', 'it does not begin with http:// or https://', 'https://example.org'],
  ['htp://example.org/x', 'htp:// is not supported, only http:// and https://', 'http://example.org/x'],
  ['ftp://example.org/x', 'ftp:// is not supported, only http:// and https://', 'http://example.org/x'],
  ['http://', 'it names no host', ANY],
  ['http:///x', 'it names no host', ANY],
  ['http://?x', 'it names no host', ANY],
  ['http://a b/', 'its host or port is wrong', ANY],
  ['http://[::1/', 'its host or port is wrong', ANY],
  ['http://example.org:65536/', 'its host or port is wrong', ANY],
  ['http://example.org:x/', 'its host or port is wrong', ANY],
  ['http://example.org/\nX', 'it has a control character in it', ANY],
  ['http://exam\tple.org/', 'it has a control character in it', ANY],
])('%j is refused', (text, why, good) => {
  expect(() => parseAddress(text)).toThrow(
    `Cannot use ${JSON.stringify(text)} as a URL: ${why}; a good one looks like ${good}`,
  );
});

/** URLs with a password, which must not be repeated, and the error. */
test.each([
  ['http://me:secret@example.org/', /--user name:password is$/],
  ['http://me:secret@example.org:x/', /^Cannot use "http:\/\/example\.org:x\/" as a URL: /],
  ['http://me:sec/ret@example.org/', /^Cannot use "http:\/\/example\.org\/" as a URL: /],
  ['http://me:sec@ret@example.org:x/', /^Cannot use "http:\/\/example\.org:x\/" as a URL: /],
  ['http://me:sec@ret@example.org/', /^Cannot use this URL for "example\.org": /],
  ['me:secret@example.org', /good one looks like http:\/\/example\.org$/],
  ['ftp://me:secret@example.org', /good one looks like http:\/\/example\.org$/],
])('%s', (text, message) => {
  expect(() => parseAddress(text)).toThrow(message);
  expect(() => parseAddress(text)).toThrow(/^(?!.*(?:sec|ret))/);
});
