// A TLS server in a thread of its own, so that it goes on while the event loop of the test stands still. Its first
// connection ends, or sends something unasked, once the answer on it has been read: see `idle-peer.js` of connection.

import { createServer } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';

/** @type {{ what: 'end' | 'write', certificate: object, flags: Int32Array }} the first flag: the answer has been read; the second: it is done */
const { what, certificate, flags } = workerData;

const answer = (/** @type {string} */ body) =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

let connections = 0;

// Without a delay: otherwise the system keeps a second small write until the first has been acknowledged.
const server = createServer({ ...certificate, noDelay: true }, (socket) => {
  const number = ++connections;
  socket.on('error', () => undefined);
  socket.once('data', () => {
    socket.write(answer(`connection ${number}`), () => {
      if (number > 1) return;
      Atomics.wait(flags, 0, 0);
      const done = () => {
        Atomics.store(flags, 1, 1);
        Atomics.notify(flags, 1);
      };
      if (what === 'end') socket.end(done);
      else socket.write(answer('forged'), done);
    });
  });
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage(server.address().port));
