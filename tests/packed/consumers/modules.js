// Run in the project by each version of Node, with the names of the entries. Prints what they export, and checks that
// the two copies of a package, the ES module and the CommonJS one, work together.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { argv, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const names = {};
for (const entry of argv.slice(2)) {
  const module = await import(entry);
  const common = require(entry);
  assert.deepEqual(Object.keys(common).sort(), Object.keys(module).sort(), entry);
  assert.notEqual(require.resolve(entry), fileURLToPath(import.meta.resolve(entry)), `${entry} has one copy`);
  names[entry] = Object.keys(module).sort();
  // Bundlers rename a class that mentions itself. `error` is an alias.
  for (const [name, value] of Object.entries({ ...module, error: undefined })) {
    if (/^class\b/.test(String(value))) assert.equal(value.name, name, `the name of a class of ${entry}`);
  }
}

const esm = await import('@http-client/errors');
const cjs = require('@http-client/errors');
const fields = {
  partial: new Uint8Array(),
  line: '',
  what: '',
  limit: 0,
  version: '',
  state: 'Idle',
  phase: 'body',
  status: 407,
  reason: '',
  headers: new Map(),
  body: new Uint8Array(),
};
let recognised = 0;
for (const [from, to] of [
  [esm, cjs],
  [cjs, esm],
]) {
  for (const [name, Class] of Object.entries(from)) {
    if (typeof Class !== 'function' || !(Class.prototype instanceof Error)) continue;
    const error = new Class('m', fields);
    assert.notEqual(Class, to[name]);
    assert(error instanceof to[name], `${name} by its class`);
    assert(error instanceof to.HTTPException, `${name} as an HTTPException`);
    assert(to.isHTTPException(error), `${name} by isHTTPException`);
    assert.equal(error.code, new to[name]('m', fields).code, `${name} by its code`);
    if (name !== 'HTTPException' && name !== 'error') {
      assert(!(new from.HTTPException('m') instanceof to[name]), `an HTTPException is no ${name}`);
    }
    recognised++;
  }
}

// A connection from one copy on a transport from the other, and an error that both recognise.
const { HTTPConnection } = await import('@http-client/client');
const { END, scriptedTransport } = require('@http-client/connection/testing');
const { connector } = scriptedTransport(['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc', END]);
const connection = new HTTPConnection('example.org', 80, { connector });
await connection.request('GET', '/');
const error = await (await connection.getResponse()).read().catch((reason) => reason);
assert(error instanceof cjs.IncompleteRead && error instanceof esm.IncompleteRead);
assert.equal(error.code, 'HTTP_INCOMPLETE_READ');
assert.equal(error.partial.length, 3);

stdout.write(JSON.stringify({ names, recognised }));
