#!/usr/bin/env node
import { parseArgs } from 'node:util';

import { growth } from './growth.js';
import { observers } from './observers.js';

const USAGE = `Usage: npm run bench -- <command> [options]

Commands:
  growth   how CPU time grows with the size of what is read and sent
             --only <text>      the scenarios alone whose name contains the text
             --runs <number>    measurements at each size, of which the median counts (5)
             --sizes <a,b,...>  sizes to measure at, instead of each scenario's own
  observers  what onWire, debugLevel and the diagnostics channels cost when nobody looks on
             --runs <number>    rounds, of which the median counts (15)`;

type Print = (text: string) => void;

/** Each command takes the arguments behind its name. */
const COMMANDS: Readonly<Record<string, (args: string[], print: Print) => Promise<void>>> = {
  growth: (args, print) => {
    const { values } = parseArgs({
      args,
      options: {
        only: { type: 'string' },
        runs: { type: 'string', default: '5' },
        sizes: { type: 'string' },
      },
    });
    const sizes = values.sizes?.split(',').map((size) => count('sizes', size));
    if (new Set(sizes ?? [1, 2]).size < 2) throw new RangeError('Cannot fit a growth to less than two sizes');
    return growth({ only: values.only, runs: count('runs', values.runs), sizes }, print);
  },
  observers: (args, print) => {
    const { values } = parseArgs({ args, options: { runs: { type: 'string', default: '15' } } });
    return observers(count('runs', values.runs), print);
  },
};

function count(option: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`Cannot use "${text}" for --${option}: expected whole numbers above 0`);
}

async function main([name = '', ...args]: string[], print: Print): Promise<void> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command(args, print);
  if (name !== '' && name !== '--help')
    throw new RangeError(`Cannot run "${name}": there is no such command`);
  print(USAGE);
}

try {
  await main(process.argv.slice(2), (text) => process.stdout.write(`${text}\n`));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
