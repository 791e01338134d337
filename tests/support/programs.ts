import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

// Programs of this machine that tests run against, in whichever package.

/** Set where one that is not there is a failure, and no reason to leave its tests out. */
export const REQUIRED = process.env['HTTP_CLIENT_REQUIRE_SERVERS'] === '1';

/** Where a program is, if it can be run with this argument. Debian's folder of servers is not on everybody's path. */
export function found(arg: string, name: string): string | undefined {
  return [name, `/usr/sbin/${name}`].find((command) => spawnSync(command, [arg]).status === 0);
}

/** Ports that were free a moment ago, for servers that cannot choose one themselves. */
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

/** Whether somebody listens on a port of the loopback interface. */
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
