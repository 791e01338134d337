import { readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type * as client from '@http-client/client';

import { median } from './fit.js';

type Connection = typeof client;

/** What the code that looks on looks like in the built package, and what takes its place. */
const CUTS: readonly [what: string, pattern: RegExp, replacement: string][] = [
  ['showing what is sent', /^function show\([^]*?^}/m, 'function show() {}'],
  ['showing what is received', /^ *(?:this\.)?#?tap\?\.received(?:Head)?\([^;]*;$/gm, ''],
  ['printing heads', /if \(this\.#debugLevel\(\) > 0\)/g, 'if (false)'],
];

const REPLY = new TextEncoder().encode(
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello',
);
const EXCHANGES = 2000;

/**
 * CPU time of an exchange with nobody looking on (`onWire`, `debugLevel`, diagnostics channels), beside that of a copy of
 * the connection from which all that code was cut, and beside what it costs to look on. In memory, in interleaved rounds.
 */
export async function observers(runs: number, print: (text: string) => void): Promise<void> {
  const { whole, cut, dispose } = await copies();
  try {
    const ways: [name: string, work: () => Promise<void>][] = [
      ['without the code', () => exchanges(cut, {})],
      ['nobody looks on', () => exchanges(whole, {})],
      ['onWire', () => exchanges(whole, { onWire: () => undefined })],
    ];
    const times = ways.map(() => [] as number[]);
    for (const [, work] of ways) await work();
    for (let run = 0; run < runs; run++) {
      for (const [index, [, work]] of ways.entries()) {
        const before = process.cpuUsage();
        await work();
        const { user, system } = process.cpuUsage(before);
        times[index]!.push((user + system) / EXCHANGES);
      }
    }
    const base = median(times[0]!);
    print('| who looks on | CPU time an exchange, µs | ratio |');
    print('| --- | ---: | ---: |');
    for (const [index, [name]] of ways.entries()) {
      const time = median(times[index]!);
      print(`| ${name} | ${time.toFixed(2)} | ${(time / base).toFixed(3)} |`);
    }
  } finally {
    await dispose();
  }
}

/** The built connection, twice in the same place, so that both are loaded alike; from one the observing code is cut. */
async function copies(): Promise<{ whole: Connection; cut: Connection; dispose: () => Promise<void> }> {
  const built = createRequire(import.meta.url)
    .resolve('@http-client/connection')
    .replace(/\.cjs$/, '.js');
  const source = await readFile(built, 'utf8');
  let text = source;
  for (const [what, pattern, replacement] of CUTS) {
    const without = text.replace(pattern, replacement);
    if (without === text)
      throw new Error(`Cannot cut what looks on: ${what} is not to be found in the built package`);
    text = without;
  }
  const folder = dirname(built);
  const files = [join(folder, `whole-${process.pid}.js`), join(folder, `cut-${process.pid}.js`)] as const;
  await writeFile(files[0], source);
  await writeFile(files[1], text);
  const load = async (file: string): Promise<Connection> =>
    (await import(pathToFileURL(file).href)) as Connection;
  return {
    whole: await load(files[0]),
    cut: await load(files[1]),
    dispose: async () => {
      for (const file of files) await rm(file, { force: true });
    },
  };
}

async function exchanges({ HTTPConnection }: Connection, options: object): Promise<void> {
  let reader: ((block: Uint8Array) => void) | undefined;
  const connector = (): Promise<object> =>
    Promise.resolve({
      read: () =>
        new Promise<Uint8Array>((resolve) => {
          reader = resolve;
        }),
      write: () => {
        reader?.(REPLY);
        return Promise.resolve();
      },
      close: () => undefined,
    });
  const connection = new HTTPConnection('example.org', 80, { ...options, connector } as never);
  for (let count = 0; count < EXCHANGES; count++) {
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    if ((await response.read()).length !== 5) throw new Error('the answer was not read');
  }
  connection.close();
}
