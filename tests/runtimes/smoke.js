// Tests the connection on the runtime that runs this, against Node's servers (smoke-server.js).
//
//     <runtime> smoke.js <places of the servers, as JSON>
//
// Prints the result of each case as one line of JSON. Needs only the runtime and the packages.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import process from 'node:process';
import { Worker } from 'node:worker_threads';

import {
  HTTPConnection,
  HTTPSConnection,
  IncompleteRead,
  RemoteDisconnected,
  TimeoutError,
} from '@http-client/client';

const places = JSON.parse(process.argv[2] ?? '');
const HOST = '127.0.0.1';
const MIB = 1024 * 1024;

/** A case that has not ended after this many milliseconds is considered to hang. */
const PATIENCE = 120_000;

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const failureOf = (promise) =>
  promise.then(
    () => assert.fail('it went well'),
    (error) => error,
  );

async function get(connection, target, options) {
  await connection.request('GET', target, options);
  return connection.getResponse();
}

const cases = {
  async 'a request and its response'(connection) {
    const response = await get(connection, '/hello');
    assert.equal(response.status, 200);
    assert.equal(response.getHeader('Content-Length'), '5');
    assert.equal(await response.text(), 'hello');
    assert.equal((await get(connection, '/nowhere')).status, 404);
  },

  async 'keep-alive: one connection for all'(connection) {
    const ports = new Set();
    for (let i = 0; i < 5; i++) ports.add(await (await get(connection, '/port')).text());
    assert.equal(ports.size, 1);
  },

  async 'chunks and trailers of a response'(connection) {
    const response = await get(connection, '/chunked');
    assert.equal(response.chunked, true);
    const lines = [];
    for await (const line of response.lines()) lines.push(new TextDecoder().decode(line));
    assert.deepEqual(lines, ['one\n', 'two\n', 'three']);
    assert.equal(response.trailers?.get('Digest'), 'abc');
  },

  async 'chunks and trailers of a request'(connection) {
    async function* blocks() {
      for (let i = 0; i < 10; i++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield new Uint8Array(10_000).fill(i);
      }
    }
    await connection.request('POST', '/echo', {
      body: blocks(),
      headers: { 'Transfer-Encoding': 'chunked' },
      encodeChunked: true,
      trailers: () => ({ Digest: 'xyz' }),
    });
    const said = await (await connection.getResponse()).json();
    assert.deepEqual([said.length, said.framing, said.trailers], [100_000, 'chunked', { digest: 'xyz' }]);
  },

  async 'an upload of a known length'(connection) {
    const body = new Uint8Array(4 * MIB).map((_, index) => index % 251);
    await connection.request('POST', '/echo', { body });
    const said = await (await connection.getResponse()).json();
    assert.deepEqual(
      [said.length, said.framing, said.sha256],
      [body.length, String(body.length), sha256(body)],
    );
  },

  async 'a ReadableStream as the body'(connection) {
    await connection.request('POST', '/echo', {
      body: new Blob(['a'.repeat(MIB)]).stream(),
      encodeChunked: true,
    });
    const said = await (await connection.getResponse()).json();
    assert.deepEqual([said.length, said.framing], [MIB, 'chunked']);
  },

  async 'a large response, read slowly'(connection) {
    const response = await get(connection, '/large');
    const hash = createHash('sha256');
    let length = 0;
    for await (const block of response) {
      if (length % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      hash.update(block);
      length += block.length;
    }
    assert.equal(length, 8 * MIB);
    assert.equal(hash.digest('hex'), sha256(Buffer.alloc(65_536, 'large').toString().repeat(128)));
  },

  async 'a response as a web Response'(connection) {
    const response = (await get(connection, '/chunked')).toWebResponse();
    assert(response instanceof Response);
    assert.equal(await response.text(), 'one\ntwo\nthree');
  },

  async 'interim responses'(connection) {
    const response = await get(connection, '/early');
    assert.deepEqual(
      response.informational.map(({ status }) => status),
      [103],
    );
    assert.equal(await response.text(), 'late');
  },

  async 'Expect: 100-continue'(connection) {
    await connection.request('POST', '/echo', { body: 'abc', headers: { Expect: '100-continue' } });
    assert.equal((await (await connection.getResponse()).json()).length, 3);
  },

  async 'a timeout for the head'(connection) {
    await connection.connect();
    // Only now: on a busy machine, connecting may take longer.
    connection.timeout = 100;
    const error = await failureOf(get(connection, '/stall'));
    assert(error instanceof TimeoutError);
    assert.deepEqual([error.code, error.phase, error.delivery], ['ETIMEDOUT', 'headers', 'sent']);
    connection.timeout = undefined;
    assert.equal(await (await get(connection, '/hello')).text(), 'hello');
  },

  async 'a timeout within the body'(connection) {
    const response = await get(connection, '/stall-within');
    connection.timeout = 100;
    const error = await failureOf(response.read());
    assert.deepEqual([error.code, error.phase], ['ETIMEDOUT', 'body']);
  },

  async 'a signal'(connection) {
    const controller = new AbortController();
    const reason = new Error('enough');
    const answer = failureOf(get(connection, '/stall', { signal: controller.signal }));
    const waiting = connection.getResponse({ signal: controller.signal }).catch((error) => error);
    setTimeout(() => controller.abort(reason), 50);
    assert([await answer, await waiting].includes(reason));
    assert.equal(await (await get(connection, '/hello')).text(), 'hello');
  },

  async 'connection refused'() {
    const error = await failureOf(new HTTPConnection(HOST, places.refused).request('GET', '/'));
    assert.deepEqual([error.code, error.delivery], ['ECONNREFUSED', 'unsent']);
  },

  async 'a truncated body'(connection) {
    const error = await failureOf((await get(connection, '/cut')).read());
    assert(error instanceof IncompleteRead);
    assert.deepEqual([error.partial.length, error.expected], [3, 7]);
  },

  async 'no response'(connection) {
    const error = await failureOf(get(connection, '/hang-up'));
    assert(error instanceof RemoteDisconnected);
    assert.equal(error.code, 'ECONNRESET');
  },

  async 'an idle connection that the server closed is reopened'(connection) {
    assert.equal(await (await get(connection, '/close-after')).text(), 'kept');
    while (connection.reusable) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(await (await get(connection, '/hello')).text(), 'hello');
  },

  async 'what arrives while the program computes is not the next response'() {
    for (const what of ['end', 'reset', 'write']) {
      const flags = new Int32Array(new SharedArrayBuffer(8));
      const peer = new Worker(new URL('../support/idle-peer-thread.js', import.meta.url), {
        workerData: { what, flags },
      });
      const [port] = await once(peer, 'message');
      const connection = new HTTPConnection(HOST, port);
      assert.equal(await (await get(connection, '/1')).text(), 'connection 1');
      Atomics.store(flags, 0, 1);
      Atomics.notify(flags, 0);
      Atomics.wait(flags, 1, 0, PATIENCE);
      // Within 5 ms of the last read, it would not look.
      const since = Date.now();
      while (Date.now() <= since + 5);
      assert.equal(await (await get(connection, '/2')).text(), 'connection 2', what);
      connection.close();
      await peer.terminate();
    }
  },

  async 'detach after 101'(connection) {
    const response = await get(connection, '/', { headers: { Connection: 'Upgrade', Upgrade: 'echo' } });
    assert.equal(response.status, 101);
    const { transport, head } = connection.detach();
    let text = new TextDecoder().decode(head);
    await transport.write(new TextEncoder().encode(' steady'));
    while (text.length < 'ready steady'.length)
      text += new TextDecoder().decode((await transport.read()) ?? undefined);
    assert.equal(text, 'ready steady');
    transport.close();
  },

  async 'onWire shows every byte'() {
    const shown = { sent: '', received: '' };
    const connection = new HTTPConnection(HOST, places.http, {
      onWire: ({ direction, data }) => (shown[direction] += new TextDecoder('latin1').decode(data)),
    });
    await (await get(connection, '/hello')).read();
    connection.close();
    assert.match(shown.sent, /^GET \/hello HTTP\/1\.1\r\nHost: /);
    assert.match(shown.received, /^HTTP\/1\.1 200 OK\r\n(.|\r\n)*\r\n\r\nhello$/);
  },

  async 'a Unix domain socket'() {
    const connection = new HTTPConnection('localhost', 80, { socketPath: places.unix });
    assert.equal(await (await get(connection, '/hello')).text(), 'hello');
    connection.close();
  },

  async 'a tunnel'() {
    const connection = new HTTPConnection(HOST, places.proxy);
    connection.setTunnel(HOST, places.http);
    assert.equal(await (await get(connection, '/hello')).text(), 'hello');
    connection.close();
  },

  async TLS() {
    const connection = new HTTPSConnection('localhost', places.https, { context: { ca: places.ca } });
    assert.equal(await (await get(connection, '/hello')).text(), 'hello');
    await connection.request('POST', '/echo', { body: new Uint8Array(MIB) });
    assert.equal((await (await connection.getResponse()).json()).length, MIB);
    connection.close();
  },

  async 'TLS: a body that ends with the stream, and is read after that'() {
    const connection = new HTTPSConnection('localhost', places.https, { context: { ca: places.ca } });
    const response = await get(connection, '/until-end');
    // While nobody reads, nothing shows here that the end has arrived.
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal((await response.bytes()).length, 300_000);
  },

  async 'TLS: a server is slowed down while nobody reads'(other) {
    const connection = new HTTPSConnection('localhost', places.https, { context: { ca: places.ca } });
    await get(connection, '/flood');
    let before = -1;
    let flooded = 0;
    // It has been slowed down once nothing more leaves it for a while.
    while (flooded !== before) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      before = flooded;
      flooded = Number(await (await get(other, '/flooded')).text());
    }
    assert(flooded < 32 * MIB, `${flooded} bytes were taken`);
    connection.close();
  },

  async 'TLS to an address'() {
    const connection = new HTTPSConnection(HOST, places.https, { context: { ca: places.ca } });
    assert.equal(await (await get(connection, '/hello')).text(), 'hello');
    connection.close();
  },

  async 'TLS with an untrusted certificate is refused'() {
    const error = await failureOf(new HTTPSConnection('localhost', places.https).request('GET', '/hello'));
    assert.match(error.code, /CERT|SIGNATURE|ISSUER|UNABLE/);
    assert.equal(error.delivery, 'unsent');
  },

  async 'TLS within a tunnel'() {
    const connection = new HTTPSConnection(HOST, places.proxy, { context: { ca: places.ca } });
    connection.setTunnel('localhost', places.https);
    assert.equal(await (await get(connection, '/hello')).text(), 'hello');
    connection.close();
  },
};

for (const [name, run] of Object.entries(cases)) {
  const connection = new HTTPConnection(HOST, places.http);
  let timer;
  const patience = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it had not ended after ${PATIENCE} ms`)), PATIENCE);
  });
  let failure;
  try {
    await Promise.race([run(connection), patience]);
  } catch (error) {
    failure = error?.stack ?? String(error);
  }
  clearTimeout(timer);
  connection.close();
  console.log(JSON.stringify({ name, failure }));
}
process.exit(0);
