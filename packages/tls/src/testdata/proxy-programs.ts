import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { inject } from 'vitest';

import { found } from '../../../../tests/support/programs.js';
import { start, type Program } from './programs.js';

export const USER = 'arthur';
export const PASSWORD = 'grail';

/** A proxy that speaks TLS itself, with the tests' valid certificate, and wants a password. */
export interface SecureProxy {
  readonly name: string;
  /** What it takes, each with where it is found, if it is there. */
  readonly programs: Readonly<Record<string, string | undefined>>;
  /** Whether it wants a certificate of the client's, of the tests' authority. */
  readonly asksClient: boolean;
  /** Whether it keeps the connection behind its challenges. */
  readonly keeps: boolean;
  /** What it says to a wrong password. */
  readonly mistaken: number;
  /** What it says where nobody listens. */
  readonly unreachable: number;
  /** Starts one that leads to any port. */
  start(): Promise<RunningProxy>;
}

export interface RunningProxy {
  readonly port: number;
  /** Of each handshake so far whether it resumed a session; undefined where it does not tell. */
  handshakes(): boolean[] | undefined;
  close(): Promise<void>;
}

const stunnel4 = found('-version', 'stunnel4');
const tinyproxy = found('-v', 'tinyproxy');
const squid = found('-v', 'squid');

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
    start: () => behindStunnel((folder) => startSquid(folder, 'http_port')),
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
        ...(await startSquid(folder, 'https_port')),
        handshakes: () => undefined,
      })),
  },
];

/** Gives a server a folder of its own, with the certificates in it, which goes with it. */
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

async function startSquid(folder: string, kind: 'http_port' | 'https_port'): Promise<Program> {
  const at = (name: string): string => join(folder, name);
  const check = `[ "$user $password" = "${USER} ${PASSWORD}" ] && echo OK || echo ERR`;
  writeFileSync(at('basic'), `#!/bin/sh\nwhile read -r user password; do\n  ${check}\ndone\n`);
  chmodSync(at('basic'), 0o755);
  let name = '';
  const program = await start(squid, folder, (port) => {
    name = `httpclient${port}`;
    const secure = kind === 'https_port' ? ` tls-cert=${at('cert.pem')} tls-key=${at('key.pem')}` : '';
    const lines = [
      `${kind} 127.0.0.1:${port}${secure}`,
      'visible_hostname proxy.test',
      'pid_filename none',
      'cache deny all',
      'pinger_enable off',
      'shutdown_lifetime 0 seconds',
      'cache_effective_user proxy',
      'access_log none',
      `cache_log ${at('cache.log')}`,
      `coredump_dir ${folder}`,
      `auth_param basic program ${at('basic')}`,
      'auth_param basic children 1 startup=1 idle=1',
      'auth_param basic realm Camelot',
      'acl known proxy_auth REQUIRED',
      'http_access allow known',
      'http_access deny all',
      '',
    ];
    writeFileSync(at('squid.conf'), lines.join('\n'));
    if (process.getuid?.() === 0) {
      // It gives up being root, and writes there all the same.
      const user = Number(spawnSync('id', ['-u', 'proxy'], { encoding: 'utf8' }).stdout);
      for (const each of ['.', ...readdirSync(folder)]) chownSync(at(each), user, user);
    }
    return ['-N', '-f', at('squid.conf'), '-n', name];
  });
  return {
    port: program.port,
    close: async () => {
      await program.close();
      // Its shared memory stays where it is killed.
      const shared = readdirSync('/dev/shm').filter((each) => each.startsWith(name));
      for (const each of shared) rmSync(join('/dev/shm', each), { force: true });
    },
  };
}
