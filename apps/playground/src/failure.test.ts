import { BadStatusLine, TimeoutError } from '@http-client/client';
import { expect, test } from 'vitest';

import { exchangeFailure, failureLine, fileFailure, handshakeFailure } from './failure.js';

const system = (code: string, message = `connect ${code}`): Error =>
  Object.assign(new Error(message), { code });

test.each([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', /^Cannot trust the certificate of h:81: .*--ca FILE.*--insecure/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /^Cannot trust the certificate of h:81: .*--ca FILE.*--insecure/],
  ['CERT_HAS_EXPIRED', /^Cannot trust the certificate of h:81: it has expired (?!.*--ca).*--insecure/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', /: it is for another host (?!.*--ca).*--insecure/],
  ['ERR_SSL_WRONG_VERSION_NUMBER', /^Cannot use TLS with h:81: /],
])('%s in a handshake', (code, line) => {
  expect(failureLine(handshakeFailure(system(code), 'h:81'))).toMatch(line);
});

test.each([system('ECONNRESET'), system('constructor'), new Error('odd'), 'odd'])(
  '%s is not an error of a handshake',
  (error) => {
    expect(handshakeFailure(error, 'h:81')).toBeUndefined();
  },
);

/** The system's codes, and what the user is told. */
test.each([
  ['ECONNREFUSED', 'Cannot connect to h:81: nothing listens there (ECONNREFUSED)'],
  ['ENOTFOUND', 'Cannot find the host "h": the name has no address (ENOTFOUND)'],
  ['EAI_AGAIN', 'Cannot find the host "h": no name server responds (EAI_AGAIN)'],
  ['EHOSTUNREACH', 'Cannot connect to h:81: there is no route to that host (EHOSTUNREACH)'],
  ['ENETUNREACH', 'Cannot connect to h:81: there is no route to that network (ENETUNREACH)'],
  ['ETIMEDOUT', 'Cannot connect to h:81: it does not respond (ETIMEDOUT)'],
  ['ECONNRESET', 'Cannot get a response from h:81: it reset the connection (ECONNRESET)'],
  ['EPIPE', 'Cannot send the request to h:81: it closed the connection (EPIPE)'],
])('%s in an exchange', (code, line) => {
  const error = system(code);
  const failure = exchangeFailure(error, 'h:81', 'h');
  expect(failureLine(failure)).toBe(line);
  expect(failure).toHaveProperty('cause', error);
});

test.each([
  ['a code that means nothing to a user', system('EPROTO', 'odd')],
  ['no code', new Error('odd')],
  ['an error of the project, with a code of the system', new TimeoutError('no time', { phase: 'headers' })],
  ['an error of the project', new BadStatusLine('bad', { line: 'x' })],
  ['what is not an error', 'odd'],
])('%s is left as it is', (_name, error) => {
  expect(exchangeFailure(error, 'h:81', 'h')).toBe(error);
});

test.each([
  ['ENOENT', 'Cannot send "a\\nb": there is no such file or folder (ENOENT)'],
  ['EACCES', 'Cannot send "a\\nb": permission denied (EACCES)'],
  ['ENOSPC', 'Cannot send "a\\nb": the disk is full (ENOSPC)'],
  ['EIO', 'Cannot send "a\\nb": connect EIO (EIO)'],
])('%s of a file', (code, line) => {
  expect(failureLine(fileFailure(system(code), 'Cannot send', 'a\nb'))).toBe(line);
});

test.each([
  ['an error', new Error('one\ntwo\x1b'), 'one\\ntwo\\x1b'],
  ['an error without a message', new RangeError(), 'RangeError'],
  ['several errors in one', new AggregateError([new Error('one'), new Error('two')]), 'one; two'],
  ['what is not an error', undefined, 'undefined'],
])('%s is one line', (_name, error, line) => {
  expect(failureLine(error)).toBe(line);
});
