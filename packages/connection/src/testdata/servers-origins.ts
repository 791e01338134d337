import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { found, freePorts } from '../../../../tests/support/programs.js';
import { haproxyConfiguration } from './servers-haproxy.js';
import { nginxConfiguration } from './servers-nginx.js';
import { beside, ServerProcess } from './servers-process.js';

/** Milliseconds after which an idle connection to a brief port is closed. */
const BRIEF = 500;

/** The ports of a server, on the loopback interface. */
export interface Ports {
  /** Idle connections stay open. */
  readonly steady: number;
  /** Idle connections are soon closed. */
  readonly brief: number;
  /** HTTP/1.0, if the server supports it. */
  readonly old?: number;
}

/**
 * `parts`: ranges of a file, and entity tags. `answer early`: a response before the body of the request has been read.
 * `gives up first`: a response, such as 408, on a new connection on which no request has arrived in time.
 */
export type Capability =
  'parts' | 'trailers' | 'interim' | 'break off' | 'answer early' | 'gives up first' | 'HTTP/1.0';

export interface Origin {
  readonly name: string;
  /** What is missing to run it, if anything. */
  readonly missing: string | undefined;
  /** Which of the optional capabilities it has. */
  readonly can: readonly Capability[];
  /** Serves a folder. */
  start(folder: string): Promise<Started>;
}

export interface Started {
  readonly server: Pick<ServerProcess, 'close'>;
  readonly ports: Ports;
}

const python = found('--version', 'python3');
const nginx = found('-v', 'nginx');
const haproxy = found('-v', 'haproxy');

export const ORIGINS: readonly Origin[] = [
  {
    name: "Node's http",
    missing: undefined,
    can: ['parts', 'trailers', 'interim', 'break off'],
    start: (folder) => startScript(process.execPath, beside('servers-node.js'), folder),
  },
  {
    name: "Python's http.server",
    missing: python === undefined ? 'python3 is not there' : undefined,
    can: ['break off', 'HTTP/1.0'],
    start: (folder) => startScript(python ?? 'python3', beside('servers-python.py'), folder),
  },
  {
    name: 'nginx',
    missing: nginx === undefined ? 'nginx is not there' : undefined,
    can: ['parts', 'answer early'],
    start: startNginx,
  },
  {
    name: 'HAProxy before Node',
    missing: haproxy === undefined ? 'haproxy is not there' : undefined,
    can: ['parts', 'trailers', 'interim', 'break off', 'answer early', 'gives up first'],
    start: startHAProxy,
  },
];

/** Starts a script that prints the ports on which it listens. */
async function startScript(command: string, script: string, folder: string): Promise<Started> {
  const server = new ServerProcess(command, script, folder, String(BRIEF));
  try {
    const ports = JSON.parse(await server.line()) as Ports;
    await server.listening(ports.steady, ports.brief);
    return { server, ports };
  } catch (error) {
    await server.close();
    throw error;
  }
}

function startNginx(folder: string): Promise<Started> {
  const prefix = join(folder, 'nginx');
  mkdirSync(prefix);
  const file = join(prefix, 'nginx.conf');
  return startConfigured(nginx ?? 'nginx', ['-p', prefix, '-e', 'stderr', '-c', file], (steady, brief) => {
    writeFileSync(file, nginxConfiguration({ folder, steady, brief, timeout: BRIEF }));
  });
}

async function startHAProxy(folder: string): Promise<Started> {
  const node = await startScript(process.execPath, beside('servers-node.js'), folder);
  try {
    const behind = node.ports.steady;
    const file = join(folder, 'haproxy.cfg');
    const { server, ports } = await startConfigured(
      haproxy ?? 'haproxy',
      ['-db', '-f', file],
      (steady, brief) => {
        writeFileSync(file, haproxyConfiguration({ behind, steady, brief, timeout: BRIEF }));
      },
    );
    const close = async (): Promise<void> => {
      await Promise.all([server.close(), node.server.close()]);
    };
    return { server: { close }, ports };
  } catch (error) {
    await node.server.close();
    throw error;
  }
}

/** Starts a server that is told its ports by its configuration. */
async function startConfigured(
  command: string,
  args: readonly string[],
  configure: (steady: number, brief: number) => void,
): Promise<Started> {
  for (let attempt = 1; ; attempt++) {
    const [steady, brief] = (await freePorts(2)) as [number, number];
    configure(steady, brief);
    const server = new ServerProcess(command, ...args);
    try {
      await server.listening(steady, brief);
      return { server, ports: { steady, brief } };
    } catch (error) {
      await server.close();
      // Another process may have taken the port in between.
      if (attempt === 3) throw error;
    }
  }
}
