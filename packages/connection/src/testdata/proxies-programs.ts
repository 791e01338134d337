import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { found, freePorts } from '../../../../tests/support/programs.js';
import {
  configureSquid,
  PASSWORD,
  squid,
  USER,
  type Authentication,
} from '../../../../tests/support/squid.js';
import { ServerProcess } from './servers-process.js';

/** A running proxy. */
export interface RunningProxy {
  readonly port: number;
  close(): Promise<void>;
}

export interface ProxyProgram {
  readonly name: string;
  /** What is missing to run it, if anything. */
  readonly missing: string | undefined;
  readonly can: readonly Authentication[];
  /** Whether it keeps the connection open after a challenge. */
  readonly keeps: boolean;
  /** Its status if nobody listens at the target. */
  readonly unreachable: number;
  /** Its status for a wrong password. */
  readonly mistaken: number;
  /** Starts an instance that connects only to these ports. */
  start(authentication: Authentication, allowed: readonly number[]): Promise<RunningProxy>;
}

// Debian's folder for it is not in everybody's path.
const tinyproxy = found('-v', 'tinyproxy');

export const PROXIES: readonly ProxyProgram[] = [
  {
    name: 'tinyproxy',
    missing: tinyproxy === undefined ? 'tinyproxy is not there' : undefined,
    can: ['none', 'basic'],
    keeps: false,
    unreachable: 500,
    mistaken: 401,
    start: (...terms) => start(tinyproxy ?? 'tinyproxy', configureTinyproxy, ...terms),
  },
  {
    name: 'squid',
    missing: squid === undefined ? 'squid is not there' : undefined,
    can: ['none', 'basic', 'digest'],
    keeps: true,
    unreachable: 503,
    mistaken: 407,
    start: (...terms) => start(squid ?? 'squid', configureSquid, ...terms),
  },
];

/** What a proxy should do, and a folder of its own for it. */
interface Terms {
  readonly folder: string;
  readonly port: number;
  readonly authentication: Authentication;
  readonly allowed: readonly number[];
}

/** Writes the configuration. Returns the arguments, and how to remove what is left outside the folder. */
type Configure = (terms: Terms) => { args: readonly string[]; clean?: () => void };

async function start(
  command: string,
  configure: Configure,
  authentication: Authentication,
  allowed: readonly number[],
): Promise<RunningProxy> {
  for (let attempt = 1; ; attempt++) {
    const folder = mkdtempSync(join(tmpdir(), 'http-client-proxy-'));
    const [port] = (await freePorts(1)) as [number];
    const { args, clean } = configure({ folder, port, authentication, allowed });
    const server = new ServerProcess(command, ...args);
    const close = async (): Promise<void> => {
      await server.close();
      clean?.();
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      await server.listening(port);
      return { port, close };
    } catch (error) {
      await close();
      // Another process may have taken the port in between.
      if (attempt === 3) throw error;
    }
  }
}

function configureTinyproxy({ folder, port, authentication, allowed }: Terms): ReturnType<Configure> {
  const file = join(folder, 'tinyproxy.conf');
  const lines = [
    `Port ${port}`,
    'Listen 127.0.0.1',
    'Allow 127.0.0.1',
    'MaxClients 50',
    `LogFile "${join(folder, 'tinyproxy.log')}"`,
    ...allowed.map((each) => `ConnectPort ${each}`),
    authentication === 'basic' ? `BasicAuth ${USER} ${PASSWORD}` : '',
  ];
  writeFileSync(file, lines.join('\n'));
  return { args: ['-d', '-c', file] };
}
