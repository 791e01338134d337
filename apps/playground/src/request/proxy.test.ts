import { expect, test } from 'vitest';

import { parseProxy } from './proxy.js';

/** URLs, and the user and password that are sent to the proxy. */
test.each<[string, string, number, string | undefined, boolean?]>([
  ['http://proxy.example:3128', 'proxy.example', 3128, undefined],
  ['http://proxy.example', 'proxy.example', 80, undefined],
  ['HTTP://Proxy.Example:8080/', 'proxy.example', 8080, undefined],
  ['http://[::1]:3128/', '[::1]', 3128, undefined],
  ['http://me:secret@127.0.0.1:3128', '127.0.0.1', 3128, 'me:secret'],
  ['http://me@127.0.0.1:3128', '127.0.0.1', 3128, 'me:'],
  ['http://:secret@127.0.0.1:3128', '127.0.0.1', 3128, ':secret'],
  ['http://m%40e:s%3Ae%2Fc%25ret@127.0.0.1:3128', '127.0.0.1', 3128, 'm@e:s:e/c%ret'],
  ['http://mé:%C3%BC b@127.0.0.1:3128', '127.0.0.1', 3128, 'mé:ü b'],
  ['https://proxy.example', 'proxy.example', 443, undefined, true],
  ['HTTPS://me:secret@[::1]:3129/', '[::1]', 3129, 'me:secret', true],
])('%s', (text, host, port, credentials, secure = false) => {
  const { authorization, ...place } = parseProxy(text);
  expect(place).toEqual({ secure, host, port });
  const [scheme, sent = ''] = authorization?.split(' ') ?? [];
  expect(scheme).toBe(credentials === undefined ? undefined : 'Basic');
  expect(Buffer.from(sent, 'base64').toString()).toBe(credentials ?? '');
});

test.each([
  ['', 'it does not begin with http:// or https://'],
  ['proxy.example:3128', 'it does not begin with http:// or https://'],
  ['me:secret@proxy.example:3128', 'it does not begin with http:// or https://'],
  ['socks5://me:secret@proxy.example', 'it does not begin with http:// or https://'],
  ['https:me:secret@proxy.example', 'it does not begin with http:// or https://'],
  ['https://me:secret@', 'its host or port is wrong'],
  ['http://', 'its host or port is wrong'],
  ['http:///secret', 'its host or port is wrong'],
  ['http://me:secret@proxy.example:x', 'its host or port is wrong'],
  ['http://me:secret@proxy.example:65536', 'its host or port is wrong'],
  ['http://me:secret@pro\nxy.example', 'it has a control character in it'],
  ['http://me:sec/ret@proxy.example', 'its host or port is wrong'],
  ['http://me:secret@proxy.example/path', 'something follows its host and port'],
  ['http://me:secret@proxy.example?query', 'something follows its host and port'],
  ['http://me:100%secret@proxy.example', 'its user or password is not valid percent-encoding'],
  ['http://me:%FFsecret@proxy.example', 'its user or password is not valid percent-encoding'],
  ['http://m%3Ae:secret@proxy.example', 'a user name with a colon'],
])('%j is refused, and not repeated', (text, why) => {
  expect(() => parseProxy(text)).toThrow(why);
  expect(() => parseProxy(text)).toThrow(
    /^(?!.*sec)Cannot use the URL of the proxy: .*; a good one looks like http:/,
  );
});
