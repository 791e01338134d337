import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath, URL } from 'node:url';

import { chromium } from 'playwright-core';

/** @param {string} path from the repository's root */
const locate = (path) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

/** @type {{ devDependencies: Record<string, string> }} */
const { devDependencies } = JSON.parse(readFileSync(locate('package.json'), 'utf8'));

/**
 * Unpacks npm's Chromium, and returns its path. The package unpacks into the temporary folder, and uses whatever it
 * finds there. Here each version has its own folder, which appears only once it is complete, since several tests may
 * start at once.
 */
async function unpack() {
  const folder = join(tmpdir(), `http-client-chromium-${devDependencies['@sparticuz/chromium']}`);
  const executable = join(folder, 'chromium');
  if (existsSync(executable)) return executable;
  const { default: packed } = await import('@sparticuz/chromium');
  packed.setGraphicsMode = false;
  const { TMPDIR } = process.env;
  const own = mkdtempSync(`${folder}-`);
  process.env['TMPDIR'] = own;
  await packed.executablePath().finally(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  });
  try {
    renameSync(own, folder);
  } catch (error) {
    rmSync(own, { recursive: true });
    if (!existsSync(executable)) throw error;
  }
  return executable;
}

/**
 * Starts Chromium. The arguments that its package recommends are not used: they turn off web security, which is under
 * test.
 *
 * @param {readonly string[]} [args]
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function startBrowser(args = [], options = {}) {
  const executablePath = await unpack();
  const profile = mkdtempSync(join(tmpdir(), 'http-client-profile-'));
  const isRoot = process.getuid?.() === 0;
  const forget = () => {
    rmSync(profile, { recursive: true, force: true });
  };
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      // Chromium's sandbox does not work for root.
      args: ['--disable-gpu', '--disable-dev-shm-usage', ...(isRoot ? ['--no-sandbox'] : []), ...args],
      viewport: { width: 1280, height: 900 },
      // Half a minute by default: on a busy machine, several browsers that start at once take longer.
      timeout: 120_000,
      ...options,
    });
    return { context, close: () => context.close().finally(forget) };
  } catch (error) {
    forget();
    throw error;
  }
}

/** Starts the playground as a user does. Its address is the one that the terminal shows. */
export async function startPlayground() {
  const cli = locate('apps/playground/dist/cli.js');
  const child = spawn(process.execPath, [cli, 'serve', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const address = /http:\S+/.exec(String(line))?.[0];
  if (address === undefined) throw new Error(`no address: ${line}`);
  return {
    address,
    close: () => {
      child.kill();
    },
  };
}
