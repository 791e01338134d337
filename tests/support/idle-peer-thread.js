// A server in a thread of its own, so that it goes on while the event loop of the test stands still. Answers each
// request with the number of its connection. On the first connection, once the answer has been read, it does what the
// name says, and tells when the system has it.

import { createServer } from 'node:net';
import { createServer as createTLSServer } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';

/** @type {import('./idle-peer.js').ThreadData} */
const { what, certificate, flags } = workerData;

/** @type {Record<typeof what, (socket: import('node:net').Socket, done: () => void) => void>} */
const DEEDS = {
  end: (socket, done) => socket.end(done),
  reset: (socket, done) => socket.on('close', done).resetAndDestroy(),
  write: (socket, done) => socket.write(answer('forged'), done),
};

/** @param {string} body */
function answer(body) {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

let connections = 0;

/** @param {import('node:net').Socket} socket */
function serve(socket) {
  const number = ++connections;
  socket.on('error', () => undefined);
  socket.once('data', () => {
    socket.write(answer(`connection ${number}`), () => {
      if (number > 1) return;
      Atomics.wait(flags, 0, 0);
      DEEDS[what](socket, () => {
        Atomics.store(flags, 1, 1);
        Atomics.notify(flags, 1);
      });
    });
  });
}

// Without a delay: otherwise the system keeps a second small write until the first has been acknowledged.
const options = { noDelay: true };
const server =
  certificate === undefined
    ? createServer(options, serve)
    : createTLSServer({ ...certificate, ...options }, serve);
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  parentPort?.postMessage(port);
});
