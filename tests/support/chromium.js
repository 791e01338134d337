import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

import { chromium } from 'playwright-core';

import { ROOT } from '../../scripts/workspaces.js';

/** @type {{ devDependencies: Record<string, string> }} */
const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

const UNPACK = "import chromium from '@sparticuz/chromium'; await chromium.executablePath();";

/**
 * Unpacks npm's Chromium, with the libraries that it needs, and returns their folder. The package unpacks into the
 * temporary folder, and uses whatever it finds there. Here each version has its own folder, which appears only once it
 * is complete, since several tests may start at once.
 */
async function unpack() {
  const folder = join(tmpdir(), `http-client-chromium-${devDependencies['@sparticuz/chromium']}`);
  const isThere = () => existsSync(join(folder, 'chromium'));
  if (isThere()) return folder;
  const own = mkdtempSync(`${folder}-`);
  // In a process of its own, whose environment it may change. The second variable makes it unpack the libraries.
  const env = { ...process.env, TMPDIR: own, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' };
  try {
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', UNPACK], {
      cwd: ROOT,
      env,
    });
    renameSync(own, folder);
  } catch (error) {
    rmSync(own, { recursive: true });
    if (!isThere()) throw error;
  }
  return folder;
}

/**
 * Starts Chromium, which need not be installed. The arguments that its package recommends are not used: they turn off
 * web security, which is under test.
 *
 * @param {readonly string[]} [args]
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function startBrowser(args = [], options = {}) {
  const folder = await unpack();
  const { LD_LIBRARY_PATH: libraries } = process.env;
  const own = join(folder, 'al2023/lib');
  const profile = mkdtempSync(join(tmpdir(), 'http-client-profile-'));
  const isRoot = process.getuid?.() === 0;
  const forget = () => {
    rmSync(profile, { recursive: true, force: true });
  };
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: join(folder, 'chromium'),
      // Chromium's sandbox does not work for root.
      args: ['--disable-gpu', '--disable-dev-shm-usage', ...(isRoot ? ['--no-sandbox'] : []), ...args],
      env: { ...process.env, LD_LIBRARY_PATH: libraries === undefined ? own : `${own}:${libraries}` },
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
