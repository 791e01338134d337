import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { found } from './programs.js';

export const squid = found('-v', 'squid');

export const USER = 'arthur';
export const PASSWORD = 'grail';
const REALM = 'Camelot';

/** The authentication scheme that a proxy requires. */
export type Authentication = 'none' | 'basic' | 'digest';

export interface SquidTerms {
  /** For this proxy alone: its files are handed over to the user that it runs as. */
  readonly folder: string;
  readonly port: number;
  readonly authentication: Authentication;
  /** The ports that it connects to; any port if absent. */
  readonly allowed?: readonly number[];
  /** The names of two files in its folder, for a proxy that is reached over TLS. */
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined;
}

/**
 * Writes Squid's configuration. Returns its arguments, and a function that removes what it leaves outside its folder.
 */
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
    // It drops root privileges, and must still be able to write there.
    const user = Number(spawnSync('id', ['-u', 'proxy'], { encoding: 'utf8' }).stdout);
    for (const each of ['.', ...readdirSync(folder)]) chownSync(at(each), user, user);
  }
  const name = `httpclient${port}`;
  return {
    args: ['-N', '-f', at('squid.conf'), '-n', name],
    clean: () => {
      // Its shared memory remains if it is killed.
      const shared = readdirSync('/dev/shm').filter((each) => each.startsWith(name));
      for (const each of shared) rmSync(join('/dev/shm', each), { force: true });
    },
  };
}

/** Each writes the only password to a file, and returns the command that checks passwords against it. */
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
