// The whole gate, one line per step: npm run check [-- --except <step> ...]
//
// Each step is a script of package.json. A failing step prints its output and does not stop the others. At the end the
// failed steps are listed, and the exit code is 1.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

import { parseArguments, refuseUnknown } from './arguments.js';
import './reader.js';

/**
 * The stages run one after the other. The lanes of a stage run at the same time: two of about the same length, which is
 * as much as two cores take. The tests use all cores by themselves.
 */
const STAGES = [
  [['build']],
  [
    ['lint', 'typecheck'],
    ['packed', 'format:check', 'layers', 'size', 'api:check'],
  ],
  [['coverage']],
];
const STEPS = STAGES.flat(2);

const { values } = parseArguments({
  options: { except: { type: 'string', multiple: true, default: [] } },
});
refuseUnknown('step', values.except, STEPS);
const left = STEPS.filter((step) => !values.except.includes(step));

/** @type {{ scripts: Record<string, string> }} */
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));

/** The environment that npm gives a script. npm itself is not used: its start takes longer than some of the steps. */
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

for (const lanes of STAGES) {
  await Promise.all(
    lanes.map(async (lane) => {
      for (const step of lane) {
        if (left.includes(step)) await run(step);
      }
    }),
  );
}

if (left.length === 0) console.log('nothing was checked: every step is excepted');
else if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`);
else if (left.length < STEPS.length) console.log(`the gate passed, without ${values.except.join(', ')}`);
else console.log('the gate passed');
process.exitCode = left.length === 0 || failed.length > 0 ? 1 : 0;
