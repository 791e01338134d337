import { readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type * as client from '@http-client/client';

import { sized } from '../answers.js';
import type { Job, Line } from '../task.js';

/** The code for observers in the built package, and its replacements. */
const CUTS: readonly [what: string, pattern: RegExp, replacement: string][] = [
  ['showing what is sent', /^function report\([^]*?^}/m, 'function report() {}'],
  ['showing what is received', /^ *(?:this\.)?#?tap\?\.excess\([^;]*;$/gm, ''],
  ['printing heads', /if \(this\.#owner\.debugLevel > 0\)/g, 'if (false)'],
];

/**
 * Exchanges in memory, by the built connection or by a copy of it without the code for `onWire`, `debugLevel` and the
 * diagnostics channels.
 */
export async function unobserved({ settings: { options = {} } }: Job): Promise<Line> {
  const { HTTPConnection } = await load(options.cut === true);
  const { head, block } = sized(5, 2);
  const reply = Buffer.from(head + block, 'latin1');
  let reader: ((block: Uint8Array) => void) | undefined;
  const transport = {
    read: () =>
      new Promise<Uint8Array>((resolve) => {
        reader = resolve;
      }),
    write: () => {
      reader?.(new Uint8Array(reply));
      return Promise.resolve();
    },
    close: () => undefined,
  };
  const onWire = options.observed === true ? { onWire: () => undefined } : {};
  const connection = new HTTPConnection('example.org', 80, {
    ...onWire,
    connector: () => Promise.resolve(transport),
  });
  return {
    async run(more) {
      while (more()) {
        await connection.request('GET', '/');
        const response = await connection.getResponse();
        if ((await response.read()).length !== block.length) throw new Error('the response was not read');
      }
    },
    close: () => {
      connection.close();
    },
  };
}

/** Loads a copy of the built package, even if nothing is cut from it, so that all variants are loaded alike. */
async function load(cut: boolean): Promise<typeof client> {
  const built = createRequire(import.meta.url)
    .resolve('@http-client/connection')
    .replace(/\.cjs$/, '.js');
  let text = await readFile(built, 'utf8');
  for (const [what, pattern, replacement] of cut ? CUTS : []) {
    const without = text.replace(pattern, replacement);
    if (without === text)
      throw new Error(`Cannot cut the observing code: found no code for ${what} in the built package`);
    text = without;
  }
  const copy = join(dirname(built), `copy-${process.pid}.js`);
  await writeFile(copy, text);
  try {
    return (await import(pathToFileURL(copy).href)) as typeof client;
  } finally {
    await rm(copy, { force: true });
  }
}
