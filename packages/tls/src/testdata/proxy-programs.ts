import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { inject } from 'vitest';

import { found } from '../../../../tests/support/programs.js';
import { configureSquid, PASSWORD, squid, USER, type SquidTerms } from '../../../../tests/support/squid.js';
import { start, type Program } from './programs.js';

/** A proxy that speaks TLS itself, with the tests' valid certificate, and requires a password. */
export interface SecureProxy {
  readonly name: string;
  /** The programs that it needs, and the path of each that was found. */
  readonly programs: Readonly<Record<string, string | undefined>>;
  /** Whether it requires a client certificate, of the tests' authority. */
  readonly asksClient: boolean;
  /** Whether it keeps the connection open after a challenge. */
  readonly keeps: boolean;
  /** Its status for a wrong password. */
  readonly mistaken: number;
  /** Its status if nobody listens at the target. */
  readonly unreachable: number;
  /** Starts an instance, which connects to any port. */
  start(): Promise<RunningProxy>;
}

export interface RunningProxy {
  readonly port: number;
  /** For each handshake so far, whether it resumed a session; undefined if it does not report it. */
  handshakes(): boolean[] | undefined;
  close(): Promise<void>;
}

const stunnel4 = found('-version', 'stunnel4');
const tinyproxy = found('-v', 'tinyproxy');

export const SECURE_PROXIES: readonly SecureProxy[] = [
  {
    name: 'tinyproxy behind stunnel',
    programs: { stunnel4, tinyproxy },
    asksClient: true,
    keeps: false,
    mistaken: 401,
    unreachable: 500,
    start: () => behindStunnel(startTinyproxy),
  },
  {
    name: 'squid behind stunnel',
    programs: { stunnel4, squid },
    asksClient: true,
    keeps: true,
    mistaken: 407,
    unreachable: 503,
    start: () => behindStunnel(startSquid),
  },
  {
    name: 'squid by its https_port',
    programs: { squid },
    asksClient: false,
    keeps: true,
    mistaken: 407,
    unreachable: 503,
    start: () =>
      inFolder(async (folder) => ({
        ...(await startSquid(folder, { cert: 'cert.pem', key: 'key.pem' })),
        handshakes: () => undefined,
      })),
  },
];

/**
 * Runs a server in its own temporary folder, which contains the certificates and is removed when the server is closed.
 */
async function inFolder(run: (folder: string) => Promise<RunningProxy>): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'tls-proxy-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  const { root, valid } = inject('certificates');
  for (const [name, text] of Object.entries({ root: root.cert, cert: valid.cert, key: valid.key })) {
    writeFileSync(join(folder, `${name}.pem`), text);
  }
  try {
    const running = await run(folder);
    return {
      ...running,
      close: async () => {
        await running.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function behindStunnel(startProxy: (folder: string) => Promise<Program>): Promise<RunningProxy> {
  return inFolder(async (folder) => {
    const proxy = await startProxy(folder);
    try {
      const front = await startStunnel(folder, proxy.port);
      return {
        port: front.port,
        handshakes: () => {
          const log = readFileSync(join(folder, 'stunnel.log'), 'utf8');
          return Array.from(
            log.matchAll(/TLS accepted: (new|previous) session/g),
            ([, which]) => which !== 'new',
          );
        },
        close: async () => {
          await Promise.all([front.close(), proxy.close()]);
        },
      };
    } catch (error) {
      await proxy.close();
      throw error;
    }
  });
}

function startStunnel(folder: string, to: number): Promise<Program> {
  return start(stunnel4, folder, (port) => {
    const lines = [
      'foreground = yes',
      'pid =',
      'debug = info',
      'output = stunnel.log',
      '[proxy]',
      `accept = 127.0.0.1:${port}`,
      `connect = 127.0.0.1:${to}`,
      'cert = cert.pem',
      'key = key.pem',
      'CAfile = root.pem',
      'verifyChain = yes',
      '',
    ];
    writeFileSync(join(folder, 'stunnel.conf'), lines.join('\n'));
    return ['stunnel.conf'];
  });
}

function startTinyproxy(folder: string): Promise<Program> {
  return start(tinyproxy, folder, (port) => {
    const lines = [
      `Port ${port}`,
      'Listen 127.0.0.1',
      'MaxClients 50',
      'LogFile "tinyproxy.log"',
      `BasicAuth ${USER} ${PASSWORD}`,
    ];
    writeFileSync(join(folder, 'tinyproxy.conf'), lines.join('\n'));
    return ['-d', '-c', 'tinyproxy.conf'];
  });
}

async function startSquid(folder: string, certificate?: SquidTerms['certificate']): Promise<Program> {
  let clean: (() => void) | undefined;
  const program = await start(squid, folder, (port) => {
    const configured = configureSquid({ folder, port, authentication: 'basic', certificate });
    ({ clean } = configured);
    return configured.args;
  });
  return {
    port: program.port,
    close: async () => {
      await program.close();
      clean?.();
    },
  };
}
