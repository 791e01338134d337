import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { chromium, type BrowserContext } from 'playwright-core';

const { version } = createRequire(import.meta.url)('@sparticuz/chromium/package.json') as { version: string };

/** A Chromium, and how it is ended. */
export interface Browser {
  readonly context: BrowserContext;
  readonly close: () => Promise<void>;
}

/**
 * Starts the Chromium that npm brought.
 *
 * It unpacks itself into the temporary folder, and takes what it finds there for itself: each version has its own. Its
 * own arguments are not used, since they turn the web's security off, which is what is tested here.
 */
export async function startBrowser(args: readonly string[] = []): Promise<Browser> {
  const unpacked = join(tmpdir(), `http-client-chromium-${version}`);
  mkdirSync(unpacked, { recursive: true });
  const { TMPDIR } = process.env;
  process.env['TMPDIR'] = unpacked;
  const { default: packed } = await import('@sparticuz/chromium');
  packed.setGraphicsMode = false;
  const executablePath = await packed.executablePath().finally(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  });
  const profile = mkdtempSync(join(tmpdir(), 'http-client-profile-'));
  const isRoot = process.getuid?.() === 0;
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    // Chromium has no sandbox where it is root's.
    args: ['--disable-gpu', '--disable-dev-shm-usage', ...(isRoot ? ['--no-sandbox'] : []), ...args],
    viewport: { width: 1280, height: 900 },
  });
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** The playground as a user starts it; its address is the one that the terminal shows. */
export async function startPlayground(): Promise<{ address: string; close: () => void }> {
  const child = spawn(process.execPath, [CLI, 'serve', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const address = /http:\S+/.exec(line)?.[0];
  if (address === undefined) throw new Error(`no address: ${line}`);
  return {
    address,
    close: () => {
      child.kill();
    },
  };
}
