import { connect, createServer, type Socket } from 'node:net';

import { listen } from './stage.js';

/**
 * A relay to the server at `port` that breaks connections: each after the next of these numbers of response bytes.
 * After the last number, connections are not broken. Resolves with its own port.
 */
export function breakingRelay(port: number, ...limits: number[]): Promise<number> {
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    let left = limits.shift() ?? Infinity;
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far] satisfies Socket[]) socket.on('error', end).on('close', end);
    near.pipe(far);
    far.on('data', (block) => {
      const piece = block.subarray(0, Math.min(left, block.length));
      left -= piece.length;
      if (!near.write(piece)) {
        far.pause();
        near.once('drain', () => far.resume());
      }
      if (left === 0) near.end(() => far.destroy());
    });
  });
  return listen(server);
}
