import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { found, freePorts } from '../../../../tests/support/programs.js';
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
 */
export type Capability = 'parts' | 'trailers' | 'interim' | 'break off' | 'answer early' | 'HTTP/1.0';

export interface Origin {
  readonly name: string;
  /** What is missing to run it, if anything. */
  readonly missing: string | undefined;
  /** Which of the optional capabilities it has. */
  readonly can: readonly Capability[];
  /** Serves a folder. */
  start(folder: string): Promise<{ server: ServerProcess; ports: Ports }>;
}

const python = found('--version', 'python3');
const nginx = found('-v', 'nginx');

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
];

/** Starts a script that prints the ports on which it listens. */
async function startScript(
  command: string,
  script: string,
  folder: string,
): Promise<{ server: ServerProcess; ports: Ports }> {
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

async function startNginx(folder: string): Promise<{ server: ServerProcess; ports: Ports }> {
  const prefix = join(folder, 'nginx');
  mkdirSync(prefix);
  const file = join(prefix, 'nginx.conf');
  for (let attempt = 1; ; attempt++) {
    const [steady, brief] = (await freePorts(2)) as [number, number];
    writeFileSync(file, nginxConfiguration({ folder, steady, brief, timeout: BRIEF }));
    const server = new ServerProcess(nginx ?? 'nginx', '-p', prefix, '-e', 'stderr', '-c', file);
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
