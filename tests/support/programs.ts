import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';

import { isRequired } from '../../scripts/required.js';

// The programs on this machine that tests run against, in any package.

/** Whether a missing server, or a missing Python, fails its tests, which are otherwise skipped. */
export const REQUIRED = isRequired('servers');

/** The same for the other runtimes. */
export const RUNTIMES_REQUIRED = isRequired('runtimes');

/** How to call a program, if it runs with this argument. /usr/sbin, where Debian has servers, is not on every PATH. */
export function found(arg: string, name: string): string | undefined {
  return [name, `/usr/sbin/${name}`].find((command) => spawnSync(command, [arg]).status === 0);
}

/** Ports from here on are handed out by the system, to servers that listen on port 0 and to outgoing connections. */
const EPHEMERAL = 32_768;
/** The first port that is tried. */
const FIRST = 10_000;

/**
 * Ports that were free a moment ago, for servers that cannot choose a port themselves, and for tests in which nobody
 * listens. They are chosen at random where the system takes none for others: of those, each test that runs at the same
 * time takes thousands.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  while (servers.length < count) {
    const server = createServer().listen(randomInt(FIRST, EPHEMERAL), '127.0.0.1');
    try {
      await once(server, 'listening');
      servers.push(server);
    } catch (error) {
      // Another one will do.
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  return ports;
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port!;
}

/** Whether something listens on a port of the loopback interface. */
export async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
