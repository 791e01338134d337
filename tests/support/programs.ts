import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

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

/** Ports that were free a moment ago, for servers that cannot choose a port themselves. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const ports: number[] = [];
  for (const server of servers) {
    if (!server.listening) await once(server, 'listening');
    ports.push((server.address() as AddressInfo).port);
  }
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
