import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { found } from './programs.js';

export const squid = found('-v', 'squid');

export const USER = 'arthur';
export const PASSWORD = 'grail';
const REALM = 'Camelot';

/** How a proxy wants to know who asks. */
export type Authentication = 'none' | 'basic' | 'digest';

export interface SquidTerms {
  /** Its own: what lies there is given to the user that it runs as. */
  readonly folder: string;
  readonly port: number;
  readonly authentication: Authentication;
  /** The ports that it leads to; any where there are none. */
  readonly allowed?: readonly number[];
  /** The names of the files in its folder with which it speaks TLS itself. */
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined;
}

/** Writes Squid's settings; gives its arguments, and what removes that which it leaves outside its folder. */
export function configureSquid({ folder, port, authentication, allowed, certificate }: SquidTerms): {
  readonly args: readonly string[];
  readonly clean: () => void;
} {
  const at = (name: string): string => join(folder, name);
  const listening =
    certificate === undefined
      ? `http_port 127.0.0.1:${port}`
      : `https_port 127.0.0.1:${port} tls-cert=${at(certificate.cert)} tls-key=${at(certificate.key)}`;
  const lines = [
    listening,
    'visible_hostname proxy.test',
    'pid_filename none',
    'cache deny all',
    'pinger_enable off',
    'shutdown_lifetime 0 seconds',
    'cache_effective_user proxy',
    'access_log none',
    `cache_log ${at('cache.log')}`,
    `coredump_dir ${folder}`,
    ...(authentication === 'none'
      ? ['acl known src 127.0.0.1']
      : [
          `auth_param ${authentication} program ${PASSWORDS[authentication](at('passwords'))}`,
          `auth_param ${authentication} children 1 startup=1 idle=1`,
          `auth_param ${authentication} realm ${REALM}`,
          'acl known proxy_auth REQUIRED',
        ]),
    ...(allowed === undefined ? [] : [`acl allowed port ${allowed.join(' ')}`, 'http_access deny !allowed']),
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
  const name = `httpclient${port}`;
  return {
    args: ['-N', '-f', at('squid.conf'), '-n', name],
    clean: () => {
      // Its shared memory stays where it is killed.
      const shared = readdirSync('/dev/shm').filter((each) => each.startsWith(name));
      for (const each of shared) rmSync(join('/dev/shm', each), { force: true });
    },
  };
}

/** Write the one password that there is into a file; give the program that knows it. */
const PASSWORDS = {
  basic: (file: string): string => {
    const check = `[ "$user $password" = "${USER} ${PASSWORD}" ] && echo OK || echo ERR`;
    writeFileSync(file, `#!/bin/sh\nwhile read -r user password; do\n  ${check}\ndone\n`);
    chmodSync(file, 0o755);
    return file;
  },
  digest: (file: string): string => {
    const secret = createHash('md5').update(`${USER}:${REALM}:${PASSWORD}`).digest('hex');
    writeFileSync(file, `${USER}:${REALM}:${secret}\n`);
    return `/usr/lib/squid/digest_file_auth -c ${file}`;
  },
};
