#!/usr/bin/env node
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';

import { compare } from './compare.js';
import { growth, machine } from './growth.js';
import { OutputClosed, printTo, type Print } from './print.js';

const USAGE = `Usage: npm run bench -- [options]
       npm run bench -- growth [options]

Compares this client with a bare socket and with the clients in use, and says which targets are met.

  --quick             in under a minute: one round, smaller bodies, and only what a target is for
  --scenario <name>   only this scenario; may be given several times
  --rounds <number>   processes per client (5)
  --slice <ms>        CPU time of one turn; the clients take turns, and medians of them are reported (50)
  --mebibytes <n>     the size of a large body, in MiB (256)
  --before <module>   another build of this client, to compare with
  --json <file>       writes the figures to this file
  --markdown <file>   writes the tables into this page, between its two marker lines

growth: how CPU time grows with the size of what is read and sent
  --only <text>       only scenarios whose name contains the text
  --runs <number>     measurements at each size; medians are reported (5)
  --sizes <a,b,...>   sizes to measure at, instead of each scenario's own`;

function comparing(args: string[], print: Print): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      scenario: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      slice: { type: 'string' },
      mebibytes: { type: 'string' },
      before: { type: 'string' },
      json: { type: 'string' },
      markdown: { type: 'string' },
    },
  });
  const { quick, before } = values;
  const slice = count('slice', values.slice ?? (quick ? '12' : '50'));
  return compare(
    {
      effort: {
        rounds: count('rounds', values.rounds ?? (quick ? '1' : '5')),
        slices: quick ? 10 : 8,
        slice,
        warmUp: quick ? 900 : Math.min(slice * 120, 3000),
      },
      mebibytes: count('mebibytes', values.mebibytes ?? (quick ? '32' : '256')),
      only: values.scenario,
      judged: quick,
      before: before === undefined ? undefined : pathToFileURL(resolve(before)).href,
      json: values.json,
      markdown: values.markdown,
    },
    print,
  );
}

async function growing(args: string[], print: Print): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: '' },
      runs: { type: 'string', default: '5' },
      sizes: { type: 'string' },
    },
  });
  const sizes = values.sizes?.split(',').map((size) => count('sizes', size));
  if (new Set(sizes ?? [1, 2]).size < 2) throw new RangeError('Cannot fit a growth to fewer than two sizes');
  const runs = count('runs', values.runs);
  await print(`${machine()}; medians of ${runs}\n`);
  await growth({ chosen: (name) => name.includes(values.only), runs, sizes }, print);
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`Cannot use "${text}" for --${option}: expected whole numbers above 0`);
}

async function main(args: string[], print: Print): Promise<void> {
  const [name = ''] = args;
  if (args.includes('--help')) await print(USAGE);
  else if (name === 'growth') await growing(args.slice(1), print);
  else await comparing(args, print);
}

// By default a signal ends the process without its 'exit' handlers: other processes and temporary files would remain.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

try {
  await main(process.argv.slice(2), printTo(process.stdout));
} catch (error) {
  // If the output is closed, there is nobody to tell.
  if (!(error instanceof OutputClosed)) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
