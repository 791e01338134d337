// The whole gate, one line for each step: npm run check [-- --except <step> ...]
//
// A step is a script of package.json. A failing one prints what it said and does not stop the others: in the end
// the failed ones are named, and the exit code is 1.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import './reader.js';

/**
 * One after the other; within brackets at the same time, which is as much as two cores take, in lanes of about the same
 * length. The tests take all cores by themselves.
 */
const STEPS = [['build'], ['lint typecheck', 'packed format:check layers size api:check'], ['coverage']];

const { values } = parseArgs({ options: { except: { type: 'string', multiple: true, default: [] } } });

/** @type {{ scripts: Record<string, string> }} */
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));

/** As npm has it. Without npm, whose start takes longer than some of the steps. */
const env = { ...process.env, PATH: [resolve('node_modules/.bin'), process.env['PATH']].join(delimiter) };

/** @type {string[]} */
const failed = [];

/** @param {string} step */
async function run(step) {
  const begin = performance.now();
  const { code, output } = await execute(scripts[step] ?? `echo there is no script ${step} && exit 1`);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1).padStart(6);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${step.padEnd(12)} ${seconds} s`);
  if (code === 0) return;
  failed.push(step);
  if (output !== '') console.log(output.trimEnd().replaceAll(/^/gm, '    '));
}

/**
 * @param {string} command
 * @returns {Promise<{ code: number | null; output: string }>}
 */
function execute(command) {
  const child = spawn(command, { shell: true, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, output });
    });
  });
}

for (const lanes of STEPS) {
  await Promise.all(
    lanes.map(async (lane) => {
      for (const step of lane.split(' ')) {
        if (!values.except.includes(step)) await run(step);
      }
    }),
  );
}

console.log(failed.length === 0 ? 'the gate is passed' : `failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
